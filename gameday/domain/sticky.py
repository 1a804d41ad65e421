"""Where sticky keys stand: a share takes in all that stand below it, and the same ones for good."""

import hashlib

from gameday.domain.synthetic import Synthetic


def place_of(key: str, seed: int) -> float:
    """Where the key stands, from 0 up to 1; another seed puts it elsewhere."""
    digest = hashlib.sha256(f"{seed}\0{key}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def key_of(user: str, sticky_by: str, synthetic: Synthetic) -> str:
    """What a request of `user` carries where a fault looks; '' where that is not the user's own."""
    kind, _, name = sticky_by.partition(":")
    carried = synthetic.request_headers if kind == "header" else synthetic.request_body
    found, nobodys = (carried(who).get(name) for who in (user, ""))
    return str(found) if found is not None and found != nobodys else ""
