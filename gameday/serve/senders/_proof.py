"""How deliveries prove whose they are. Comparisons take the same time wherever they differ."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from gameday.domain.sender import Delivery

TOLERANCE_S = 300  # between the sender's clock and ours, as Standard Webhooks has it


def mac(secret: bytes, *parts: bytes) -> bytes:
    """HMAC-SHA256 of the parts, one after the other."""
    return hmac.digest(secret, b"".join(parts), hashlib.sha256)


def any_same(found: Iterable[str], expected: str) -> bool:
    """Whether one of the texts is the expected one; all are looked at."""
    same = False
    for one in found:
        same |= hmac.compare_digest(one.encode(), expected.encode())
    return same


def bearer_objection(delivery: Delivery, secret: str) -> str:
    """For senders that sign nothing: the secret itself, in the header `authorization`."""
    kind, _, token = delivery.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer":
        return "it has no header `authorization: Bearer TOKEN`"
    return "" if any_same([token.strip()], secret) else "its token is not the one that is set here"


def why_not_now(seconds: str, at: datetime) -> str:
    """Why a signed moment, in seconds since 1970, is too far from now; '' when it is not."""
    try:
        apart_s = abs(at.timestamp() - int(seconds))
    except ValueError:
        return "its timestamp is no number of seconds"
    if apart_s <= TOLERANCE_S:
        return ""
    return f"its timestamp is {apart_s:.0f} s from now, over {TOLERANCE_S} s: a replay, or a clock"
