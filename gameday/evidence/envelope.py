"""A DSSE envelope: a payload, what kind it is, and an Ed25519 signature over both.

Source: the DSSE protocol, v1.0.2. Ours has exactly one way to be written, so that not a bit of
it, signed or not, can be another than the one that was written.
"""

import base64
import binascii
import json
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gameday.evidence.key import key_id

PAYLOAD_TYPE = "application/vnd.in-toto+json"


@dataclass(frozen=True)
class Envelope:
    """One signed payload."""

    payload: bytes
    key: str  # the id of the key that is said to have signed
    signature: bytes

    def as_bytes(self) -> bytes:
        document = {
            "payload": base64.b64encode(self.payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [
                {"keyid": self.key, "sig": base64.b64encode(self.signature).decode()},
            ],
        }
        return json.dumps(document, separators=(",", ":")).encode() + b"\n"

    def is_signed_by(self, public: Ed25519PublicKey) -> bool:
        try:
            public.verify(self.signature, _to_sign(self.payload))
        except InvalidSignature:
            return False
        return self.key == key_id(public)


def sign(payload: bytes, key: Ed25519PrivateKey) -> Envelope:
    """The same payload and key give the same envelope."""
    return Envelope(payload, key_id(key.public_key()), key.sign(_to_sign(payload)))


def read_envelope(content: bytes) -> Envelope | None:
    """The envelope in `content`; None where it is not one as we write them, to the last bit."""
    try:
        document = json.loads(content)
        (signature,) = document["signatures"]
        envelope = Envelope(
            base64.b64decode(document["payload"], validate=True),
            str(signature["keyid"]),
            base64.b64decode(signature["sig"], validate=True),
        )
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
        return None
    return envelope if envelope.as_bytes() == content else None


def _to_sign(payload: bytes) -> bytes:
    """The protocol's pre-authentication encoding: lengths keep type and payload apart."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
