"""Takes secrets and personal marks out of text that goes into a report, or into a suite.

What people wrote to a system goes into a suite for good, so that more is taken out of it, rather
too much than too little: rules, version 1. Names and postal addresses stay, as no rule tells them
from other words: a person must read what is left.
"""

import re
from collections import Counter
from typing import NamedTuple, get_args

from gameday.domain.personal import PersonalKind, found

# What is taken out, marks of which ASCII text with something of it holds one in lower case, and
# its pattern. A load generator redacts thousands of texts a second, and few hold any mark. The
# order matters: a key is looked for before a number.
_PATTERNS = (
    ("key", "-_", r"\b(?:sk|pk|rk|xox[abprs]|ghp|gho|ghs|glpat|hf)[-_][A-Za-z0-9_-]{12,}"),
    ("key", ("akia",), r"\bAKIA[0-9A-Z]{16}\b"),
    ("token", ("eyj",), r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"),
    ("token", ("bearer",), r"(?i)(?<=bearer )[A-Za-z0-9._~+/=-]{8,}"),
    ("secret", ("password",), r"(?i)(?<=password[=:])\s*[^\s,;\"']{3,}"),
    ("e-mail", "@", r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}"),
    ("number", "0123456789", r"(?<![\w.])\+?\d(?:[ -]?\d){11,18}(?!\w|\.\d)"),
)
_ALL = [(re.compile(pattern), f"[{name}]", marks) for name, marks, pattern in _PATTERNS]


def redact(text: str) -> str:
    """`text` with keys, tokens, passwords, e-mail addresses and long numbers replaced by names."""
    lower, may_hold_all = text.lower(), not text.isascii()
    for pattern, name, marks in _ALL:
        if may_hold_all or any(mark in lower for mark in marks):
            text = pattern.sub(name, text)
    return text


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
