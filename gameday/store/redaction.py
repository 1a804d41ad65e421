"""Takes secrets and personal marks out of text that goes into a report."""

import re

# Each pattern names what it takes out. The order matters: a key is looked for before a number.
_PATTERNS = (
    ("key", r"\b(?:sk|pk|rk|xox[abprs]|ghp|gho|ghs|glpat|hf)[-_][A-Za-z0-9_-]{12,}"),
    ("key", r"\bAKIA[0-9A-Z]{16}\b"),
    ("token", r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"),
    ("token", r"(?i)(?<=bearer )[A-Za-z0-9._~+/=-]{8,}"),
    ("secret", r"(?i)(?<=password[=:])\s*[^\s,;\"']{3,}"),
    ("e-mail", r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}"),
    ("number", r"(?<![\w.])\+?\d(?:[ -]?\d){11,18}(?!\w|\.\d)"),
)
_ALL = [(re.compile(pattern), f"[{name}]") for name, pattern in _PATTERNS]


def redact(text: str) -> str:
    """`text` with keys, tokens, passwords, e-mail addresses and long numbers replaced by names."""
    for pattern, name in _ALL:
        text = pattern.sub(name, text)
    return text
