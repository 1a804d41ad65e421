"""Takes everything that may be personal or secret out of what users wrote, before it is kept.

It goes into a suite for good, so more is taken out than of what goes into a report, and rather too
much than too little. Names and postal addresses stay, as no rule tells them from other words: a
person must read what is left.
"""

import re
from collections import Counter
from typing import NamedTuple, get_args

from gameday.domain.personal import PersonalKind, found
from gameday.store.redaction import redact

INPUT_RULES = 1  # the version of what `redact_input` takes out
_KINDS = frozenset(get_args(PersonalKind))
# Of any shape that may be one, whatever its check digits say. A date may be one of birth.
_STRICT = tuple(
    (re.compile(pattern), f"[{name}]")
    for name, pattern in (
        ("link", r"(?i)\b(?:https?://|www\.)\S+"),
        ("e-mail", r"[^\s@<>()\[\]{},;:\"']+@[^\s@<>()\[\]{},;:\"']+\.[^\s@<>()\[\]{},;:\"'.?!]+"),
        ("iban", r"(?i)(?<!\w)[a-z]{2}\d{2}(?:[ -]?\d{4}){2,7}(?:[ -]?\d{1,4})?(?!\w)"),
        ("iban", r"(?i)(?<!\w)[a-z]{2}\d{2}[a-z0-9]{11,30}(?!\w)"),
        ("key", r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{20,}(?![\w-])"),
        ("date", r"(?<!\d)(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}([./-])\d{1,2}\1\d{2,4})(?!\d)"),
        ("number", r"(?<!\w)[+(]{0,2}\d(?:[ ()./-]{0,2}\d){6,}(?!\w)"),
        ("handle", r"(?<![\w.])@\w{2,}"),
    )
)  # fmt: skip


class Redacted(NamedTuple):
    """A text without what was taken out of it, and how many pieces that were, by their names."""

    text: str
    taken: dict[str, int]


def redact_input(text: str) -> Redacted:
    """What a user wrote, without anything that looks personal or secret."""
    taken = Counter[str]()
    for kind, piece in list(found(text, _KINDS)):
        taken[kind] += text.count(piece)
        text = text.replace(piece, f"[{kind}]")
    for pattern, name in _STRICT:
        text, count = pattern.subn(name, text)
        taken[name[1:-1]] += count
    return Redacted(redact(text), dict(sorted((+taken).items())))
