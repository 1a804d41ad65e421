r"""Turns a regular expression of JavaScript into one of Python that matches the same, or refuses.

The two differ in small things that change what matches: `$` and `.` at line ends, what `\d`, `\w`
and `\s` take, how groups are named. What cannot be said in Python is refused, not guessed.
"""

import re
from collections.abc import Iterator

_SPACE = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_LINE_ENDS = r"\n\r\u2028\u2029"
_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": _SPACE}
_CONTROLS = frozenset("tnrvf0")
_TOKEN = re.compile(
    r"\\(?P<escaped>k<(?P<back>\w+)>|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|.)"
    r"|\(\?(?P<group><[A-Za-z_]\w*>|<=|<!|[:=!]|.)?"
    r"|(?P<set>\[\^?)|(?P<plain>.)",
    re.DOTALL,
)


def to_python(pattern: str) -> str:
    """The same pattern for `re.search`. Raises ValueError with what cannot be carried over."""
    translated = "".join(_translated(pattern))
    try:
        re.compile(translated)
    except re.error as error:
        raise ValueError(f"not a regular expression that can be run here: {error}") from error
    return translated


def _translated(pattern: str) -> Iterator[str]:
    place = 0
    before = ""
    while place < len(pattern):
        token = _TOKEN.match(pattern, place)
        if token is None or token["plain"] == "\\":
            raise ValueError("found a lone backslash at the end")
        _refuse_other_meaning(before + pattern[place : place + 3])
        before, place = token["plain"] or "", token.end()
        if token["set"]:
            inside, place = _set(pattern, place)
            yield f"{token['set']}{inside}]" if inside else _empty_set(token["set"])
        elif token["escaped"]:
            yield _escape(token["escaped"], token["back"])
        elif token["plain"]:
            yield {"$": r"\Z", ".": f"[^{_LINE_ENDS}]"}.get(token["plain"], token["plain"])
        else:
            yield _group(token["group"])


def _refuse_other_meaning(text: str) -> None:
    """`text`: the plain character before, if there was one, and the next three."""
    if text[:2] in {"*+", "++", "?+", "}+"}:
        raise ValueError(f"found '{text[:2]}', which JavaScript does not know")
    if "{," in text[:3]:
        raise ValueError("found '{,', which JavaScript takes for what it is")
    if re.match(r".?\\[1-9][0-9]", text):
        raise ValueError("found a reference to a group beyond the ninth")


def _group(kind: str | None) -> str:
    if kind and kind[0] == "<" and kind[-1] == ">":
        return f"(?P{kind}"
    if kind in {":", "=", "!", "<=", "<!"}:
        return f"(?{kind}"
    raise ValueError(f"found '(?{kind or ''}', which JavaScript does not know, or Python")


def _escape(letter: str, back: str | None) -> str:
    if back:
        return f"(?P={back})"
    if letter in _CLASSES:
        return f"[{_CLASSES[letter]}]"
    if letter.lower() in _CLASSES:
        return f"[^{_CLASSES[letter.lower()]}]"
    if letter in {"b", "B"}:
        return rf"(?a:\{letter})"
    return _literal(letter)


def _literal(letter: str) -> str:
    if letter[0] in "xu" and len(letter) > 1:
        return f"\\{letter}"
    if letter in _CONTROLS:
        return r"\x00" if letter == "0" else f"\\{letter}"
    if letter.isascii() and letter.isalnum():
        if letter.isdigit():
            return f"(?:\\{letter})"
        raise ValueError(f"found '\\{letter}', which means something else here")
    return re.escape(letter)


def _set(pattern: str, place: int) -> tuple[str, int]:
    """What is inside a set that begins at `place`, and where the pattern goes on after it."""
    inside = []
    while place < len(pattern) and pattern[place] != "]":
        token = _TOKEN.match(pattern, place)
        if token is not None and token["escaped"]:
            inside.append(_escape_in_set(token["escaped"]))
            place = token.end()
            continue
        character = pattern[place]
        # Doubled, or first, these will mean operations on sets to Python.
        inside.append(f"\\{character}" if character in "[&|~" else character)
        place += 1
    if place >= len(pattern):
        raise ValueError("found a set that is never closed")
    if "--" in "".join(inside):
        raise ValueError("found '--' in a set, which means something else here")
    return "".join(inside), place + 1


def _escape_in_set(letter: str) -> str:
    if letter in _CLASSES:
        return _CLASSES[letter]
    if letter == "b":
        return r"\x08"
    if letter.lower() in _CLASSES or (letter.isdigit() and letter != "0"):
        raise ValueError(f"found '\\{letter}' in a set, which cannot be said in Python")
    return _literal(letter)


def _empty_set(opening: str) -> str:
    """JavaScript's `[]` matches nothing, and `[^]` anything."""
    return r"(?!)" if opening == "[" else r"[\s\S]"
