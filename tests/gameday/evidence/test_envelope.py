"""Our envelope is a DSSE envelope to others, and has one spelling to us."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as TheirEnvelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from gameday.evidence.envelope import read_envelope, sign
from gameday.evidence.key import key_id

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))


def theirs(key):
    """The key as securesystemslib holds it, under our id for it."""
    return SSlibKey.from_crypto(key.public_key(), keyid=key_id(key.public_key()))


@given(st.binary(max_size=300))
def test_securesystemslib_accepts_what_we_sign(payload):
    envelope = TheirEnvelope.from_dict(json.loads(sign(payload, KEY).as_bytes()))
    assert envelope.payload == payload
    assert envelope.payload_type == "application/vnd.in-toto+json"
    assert envelope.verify([theirs(KEY)], 1).keys() == {key_id(KEY.public_key())}


def test_securesystemslib_refuses_another_payload_and_another_key():
    document = json.loads(sign(b'{"result":"FAILED"}', KEY).as_bytes())
    with pytest.raises(VerificationError):
        TheirEnvelope.from_dict(json.loads(json.dumps(document))).verify([theirs(OTHER)], 1)
    document["payload"] = base64.b64encode(b'{"result":"PASSED"}').decode()
    with pytest.raises(VerificationError):
        TheirEnvelope.from_dict(document).verify([theirs(KEY)], 1)


@given(st.binary(max_size=300))
def test_what_is_signed_is_read_back_and_fits_its_key_only(payload):
    made = sign(payload, KEY)
    read = read_envelope(made.as_bytes())
    assert read == made == sign(payload, KEY)
    assert read.is_signed_by(KEY.public_key())
    assert not read.is_signed_by(OTHER.public_key())


def test_no_bit_of_it_can_be_another():
    """Base64 and JSON have several spellings of one thing, and none but ours is read."""
    content = sign(b'{"one": 1}', KEY).as_bytes()
    for bit in range(8 * len(content)):
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        read = read_envelope(bytes(changed))
        assert read is None or not read.is_signed_by(KEY.public_key()), bit


@given(st.binary(max_size=200))
def test_anything_else_is_none(content):
    assert read_envelope(content) is None


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        {"payload": "", "payloadType": "", "signatures": []},
        {"payload": 1, "payloadType": "", "signatures": [{"keyid": "", "sig": ""}]},
        {"payload": "", "payloadType": "", "signatures": [{"keyid": "", "sig": "!"}]},
    ],
    ids=["empty", "list", "unsigned", "number", "no base64"],
)
def test_a_document_that_is_no_envelope_is_none(document):
    assert read_envelope(json.dumps(document).encode()) is None
