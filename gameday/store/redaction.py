"""Takes secrets and personal marks out of text that goes into a report."""

import re

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
