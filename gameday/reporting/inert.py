"""Makes text that a model or a server wrote harmless to show: it can be read and do nothing.

Escaping for HTML is the template's part, by autoescape; this takes out what escaping leaves:
control characters, bidirectional overrides and characters that cannot be seen.
"""

import re
import unicodedata

# Blank letters and variation selectors: not of category Cf, and as good for hiding text in.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u2028\u2029") | {
    chr(code) for code in (*range(0x180B, 0x1810), *range(0xE0100, 0xE01F0))
}
_MARKDOWN = re.compile(r"[\\`*\[\]<>|~&!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


def inert(text: str) -> str:
    """`text` without control, bidirectional, zero-width and other invisible characters.

    Line feeds and tabs stay. Applying it again changes nothing.
    """
    return "".join(character for character in text if _is_plain(character))


def inert_line(text: str, length_max: int = 2000) -> str:
    """`text`, inert, on one line, cut at `length_max` characters."""
    line = " ".join(inert(re.sub(r"[\r\u2028\u2029\x0b\x0c\x85]", " ", text)).split())
    return line if len(line) <= length_max else line[: length_max - 1].rstrip() + "…"


def inert_markdown(text: str) -> str:
    """`text` for the middle of a Markdown line: no markup, no link, no HTML, no mention."""
    escaped = _MARKDOWN.sub(lambda match: "\\" + match[0], inert_line(text))
    escaped = re.sub(r"(?i)\b(https?|ftp|mailto|xmpp)(?=:)", r"`\1`", escaped)
    escaped = re.sub(r"(?i)\b(www)(?=\.)", r"`\1`", escaped)
    # A mention is made from rendered text, so an escape does not stop it; a code span does.
    return re.sub(r"@+", r"`\g<0>`", escaped)


def fenced(text: str) -> str:
    """`text` as a Markdown code block whose fence is longer than any run of backticks inside."""
    plain = inert(text)
    longest = max((len(run) for run in re.findall(r"`+", plain)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{plain}\n{fence}"


def _is_plain(character: str) -> bool:
    if character in "\n\t":
        return True
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs"} and character not in _BLANK
