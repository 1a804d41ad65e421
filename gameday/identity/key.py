"""The proof `key`: a signature by a key that only one person has."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from gameday.domain.proof import NotProvenError, Place, Proof, Shown, require_fresh
from gameday.domain.statement import Given, Statement

NAME = "key"  # a policy need not declare it: it has no settings


class Key(Proof):
    """An Ed25519 key of a person's own, or of a program's, that signs each statement.

    Known by the public key: what stands between BEGIN and END in its PEM file.
    """

    def why_not_known_as(self, text: str) -> str:
        return "" if _public(text) else "it is no Ed25519 public key; expected that of a PEM file"

    async def shown(self, given: Mapping[str, str], statement: Statement, place: Place) -> Shown:
        text = given.get("public", "")
        public = _public(text)
        if public is None:
            raise NotProvenError("it names no Ed25519 public key")
        try:
            at = datetime.fromisoformat(given.get("at", ""))
            signature = base64.b64decode(given.get("signature", ""), validate=True)
            public.verify(signature, statement.signed_at(at))
        except (InvalidSignature, binascii.Error, ValueError) as error:
            raise NotProvenError("its signature is not that of this key and statement") from error
        if at.tzinfo is None:
            raise NotProvenError("its moment has no time zone")
        require_fresh(at, place.now)
        return Shown(known_as=(text,), at=at)


def sign(private: Ed25519PrivateKey, statement: Statement, at: datetime) -> Given:
    """What makes `statement` believed to be of this key's owner, for a few minutes."""
    signature = private.sign(statement.signed_at(at))
    fields = {
        "public": public_text(private.public_key()),
        "at": at.isoformat(),
        "signature": base64.b64encode(signature).decode(),
    }
    return Given(proof=NAME, fields=fields)


def public_text(public: Ed25519PublicKey) -> str:
    """As a policy file names it: base64 of the DER form, the middle line of the PEM file."""
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def _public(text: str) -> Ed25519PublicKey | None:
    try:
        public = load_der_public_key(base64.b64decode(text, validate=True))
    except (ValueError, UnsupportedAlgorithm):
        return None
    return public if isinstance(public, Ed25519PublicKey) else None
