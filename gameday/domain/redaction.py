"""What is taken out of text that others wrote, before it is stored: rules, version 2.

Version 1 knew keys, tokens, passwords, e-mail addresses and long numbers; version 2 adds private
keys, secrets in `name=value`, and what `personal.py` finds by its own check of digits: IBANs,
phone numbers, social security numbers and public addresses. `gameday list redactions` shows them.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, get_args

from gameday.domain.personal import PersonalKind, found

RULES_VERSION = 2
_BY_DIGITS: frozenset[PersonalKind] = frozenset({"iban", "phone", "us_ssn", "ip_address"})
assert set(get_args(PersonalKind)) >= _BY_DIGITS


class Rule(NamedTuple):
    """One thing that is taken out.

    marks: ASCII text with something of it holds one of these in lower case. A load generator
    redacts many texts a second, and few hold any mark.
    """

    name: str
    about: str
    marks: str | tuple[str, ...]
    out: Callable[[str], str]


def _sub(pattern: str, name: str) -> Callable[[str], str]:
    return partial(re.compile(pattern).sub, f"[{name}]")


def _personal(text: str) -> str:
    for kind, piece in found(text, _BY_DIGITS):
        text = text.replace(piece, f"[{kind}]")
    return text


# The order matters: a key is looked for before a number, and an IBAN before the numbers in it.
RULES = (
    Rule(
        "private key",
        "a private key in PEM, whole or cut off",
        ("-----begin",),
        _sub(
            r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----"
            r"(?s:.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z))",
            "private key",
        ),
    ),
    Rule(
        "key",
        "API keys as providers, Slack, GitHub, GitLab and Hugging Face write them",
        "-_",
        _sub(r"\b(?:sk|pk|rk|xox[abprs]|gh[pousr]|glpat|hf)[-_][A-Za-z0-9_-]{12,}", "key"),
    ),
    Rule("key", "the id of an AWS key", ("akia",), _sub(r"\bAKIA[0-9A-Z]{16}\b", "key")),
    Rule(
        "token",
        "a JSON Web Token",
        ("eyj",),
        _sub(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*", "token"),
    ),
    Rule(
        "token",
        "what follows Bearer or Basic",
        ("bearer", "basic"),
        _sub(r"(?i)(?:(?<=bearer )|(?<=basic ))[A-Za-z0-9._~+/=-]{8,}", "token"),
    ),
    Rule(
        "secret",
        "what follows password=, secret=, token=, api_key= and the like",
        ("password", "passwd", "secret", "token", "key"),
        partial(
            re.compile(
                r"(?i)\b((?:password|passwd|(?:client_)?secret|(?:access_|auth_)?token|api[_-]?key)"
                r"[\"']?(?:=|:) ?[\"']?)(?!\[)[^\s,;\"'&\]]{3,}"
            ).sub,
            r"\1[secret]",
        ),
    ),
    Rule(
        "e-mail",
        "e-mail addresses",
        "@",
        _sub(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}", "e-mail"),
    ),
    Rule(
        "personal",
        "IBANs, phone numbers, US social security numbers, public IPv4 addresses",
        "0123456789",
        _personal,
    ),
    Rule(
        "number",
        "numbers of 12 to 19 digits, such as those of cards and accounts",
        "0123456789",
        _sub(r"(?<![\w.])\+?\d(?:[ -]?\d){11,18}(?!\w|\.\d)", "number"),
    ),
)


def redact(text: str) -> str:
    """`text` with what the rules know replaced by what it was."""
    lower, may_hold_all = text.lower(), not text.isascii()
    for rule in RULES:
        if may_hold_all or any(mark in lower for mark in rule.marks):
            text = rule.out(text)
    return text
