"""Reads what a provider's own answers say of its limits: how much a minute allows, and is left.

`x-ratelimit-limit-requests` and `anthropic-ratelimit-requests-limit` say the same thing.
"""

from gameday.gate.framing import Headers

_KINDS = frozenset({b"requests", b"tokens"})
_MARK = b"ratelimit-"


def read_allowance(headers: Headers) -> dict[str, int]:
    """`requests_max`, `requests_left`, `tokens_max` and `tokens_left`, those that are told."""
    found: dict[str, int] = {}
    for raw_name, value in headers:
        name = raw_name.lower()
        at = name.find(_MARK)
        if at < 0:
            continue
        words = set(name[at + len(_MARK) :].split(b"-"))
        kind = words & _KINDS
        if len(words) == 2 and kind and value.isdigit():
            (what,) = words - kind
            if side := {b"limit": "max", b"remaining": "left"}.get(what):
                found[f"{kind.pop().decode()}_{side}"] = int(value)
    return found
