"""ID tokens: the issuer's signature, this audience, this moment; every forgery of the field's."""

import base64
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jwt
import jwt.api_jwt as library
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import ValidationError

from gameday.domain.proof import NotProvenError, Place
from gameday.identity import _jwks
from gameday.identity.oidc import Oidc
from tests.gameday.identity.known import APPROVE, AUDIENCE, ISSUER, ISSUERS_KEY, NOW, jwks, token


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The library looks at the wall clock; here it is two o'clock in the morning."""

    class Then(library.datetime):
        @classmethod
        def now(cls, tz=None):
            return NOW

    monkeypatch.setattr(library, "datetime", Then)


async def shown(folder: Path, given: str, now=NOW, **settings):
    (folder / "jwks.json").write_text(jwks())
    proof = Oidc(**({"issuer": ISSUER, "audience": AUDIENCE, "keys": "jwks.json"} | settings))
    return await proof.shown({"token": given}, APPROVE, Place(folder, now))


async def test_a_token_shows_its_subject_and_its_verified_address(tmp_path):
    who = await shown(tmp_path, token())
    assert who.known_as == ("subject:4711", "email:dana@example.com")
    assert who.at == NOW


@pytest.mark.parametrize("verified", [False, None, "true"])
async def test_an_address_that_nobody_has_verified_shows_nobody(tmp_path, verified):
    assert (await shown(tmp_path, token(email_verified=verified))).known_as == ("subject:4711",)


SECONDS = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"iss": "https://login.evil"}, "issuer"),
        ({"aud": "another app"}, "Audience"),
        ({"exp": SECONDS - 60}, "expired"),
        ({"iat": SECONDS - 301}, "301 s from now"),
        ({"iat": SECONDS + 301}, "not yet valid"),
        ({"nbf": SECONDS + 60}, "not yet valid"),
        *(({name: None}, name) for name in ("iss", "sub", "aud", "exp", "iat")),
    ],
)
async def test_what_is_not_for_us_or_not_for_now_is_refused(tmp_path, changes, says):
    with pytest.raises(NotProvenError, match=says):
        await shown(tmp_path, token(**changes))


async def test_another_key_than_the_issuers_is_refused(tmp_path):
    theirs = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with pytest.raises(NotProvenError, match="Signature"):
        await shown(tmp_path, token(theirs))
    with pytest.raises(NotProvenError, match="has no key 'k2'"):
        await shown(tmp_path, token(theirs, kid="k2"))


def encoded(part: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


async def test_a_token_does_not_choose_how_it_is_checked(tmp_path):
    """Unsigned, and signed with the public key taken for a shared secret."""
    claims = jwt.decode(token(), options={"verify_signature": False})
    unsigned = f"{encoded({'alg': 'none', 'kid': 'k1'})}.{encoded(claims)}."
    with pytest.raises(NotProvenError):
        await shown(tmp_path, unsigned)
    head = encoded({"alg": "HS256", "kid": "k1"})
    public = jwt.algorithms.RSAAlgorithm.to_jwk(ISSUERS_KEY.public_key()).encode()
    signature = hmac.new(public, f"{head}.{encoded(claims)}".encode(), hashlib.sha256).digest()
    mac = base64.urlsafe_b64encode(signature).decode().rstrip("=")
    with pytest.raises(NotProvenError):
        await shown(tmp_path, f"{head}.{encoded(claims)}.{mac}")


async def test_a_shared_secret_among_the_keys_signs_nothing(tmp_path):
    secret = base64.urlsafe_b64encode(b"s" * 32).decode().rstrip("=")
    proof = Oidc(issuer=ISSUER, audience=AUDIENCE, keys="shared.json")
    key = {"kty": "oct", "k": secret, "kid": "k1", "alg": "HS256"}
    (tmp_path / "shared.json").write_text(json.dumps({"keys": [key]}))
    given = {"token": token(b"s" * 32, algorithm="HS256")}
    with pytest.raises(NotProvenError, match="HS256"):
        await proof.shown(given, APPROVE, Place(tmp_path, NOW))


@pytest.mark.parametrize("given", ["", "a.b.c", "ä", "a" * 5000])
async def test_what_is_no_token_is_a_no(tmp_path, given):
    with pytest.raises(NotProvenError):
        await shown(tmp_path, given)


@pytest.mark.parametrize("content", ["", "{}", '{"keys": []}', '{"keys": 3}', "[]"])
async def test_keys_that_are_none_are_a_no(tmp_path, content):
    proof = Oidc(issuer=ISSUER, audience=AUDIENCE, keys="none.json")
    with pytest.raises(NotProvenError, match="keys"):
        await proof.shown({"token": token()}, APPROVE, Place(tmp_path, NOW))
    (tmp_path / "none.json").write_text(content)
    with pytest.raises(NotProvenError):
        await proof.shown({"token": token()}, APPROVE, Place(tmp_path, NOW))


def test_what_people_may_be_known_by():
    proof = Oidc(issuer=ISSUER, audience=AUDIENCE, keys="jwks.json")
    assert proof.why_not_known_as("subject:4711") == proof.why_not_known_as("email:a@b.c") == ""
    assert "expected subject:" in proof.why_not_known_as("dana@example.com")


class Jwks(BaseHTTPRequestHandler):
    """An issuer's address of keys. It changes them, as issuers do."""

    content, asked = jwks(), 0

    def do_GET(self):
        type(self).asked += 1
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.content.encode())

    def log_message(self, *_):
        pass


async def test_keys_at_an_address_are_asked_for_once_and_again_for_a_new_one(tmp_path, monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Jwks)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        where = f"http://127.0.0.1:{server.server_address[1]}/jwks"
        proof = Oidc(issuer=ISSUER, audience=AUDIENCE, keys=where)
        place = Place(tmp_path, NOW)
        monkeypatch.setattr(_jwks, "_ASK_AGAIN_S", 3600.0)  # however slow this machine is
        for _ in range(3):
            await proof.shown({"token": token()}, APPROVE, place)
        assert Jwks.asked == 1
        for _ in range(3):  # a stranger's key ids make it ask no more than once in a while
            with pytest.raises(NotProvenError, match="has no key 'k2'"):
                await proof.shown({"token": token(kid="k2")}, APPROVE, place)
        assert Jwks.asked == 1
        monkeypatch.setattr(_jwks, "_ASK_AGAIN_S", 0.0)
        monkeypatch.setattr(Jwks, "content", jwks(key_id="k2"))
        await proof.shown({"token": token(kid="k2")}, APPROVE, place)
        assert Jwks.asked == 2
    finally:
        server.shutdown()
        server.server_close()
    with pytest.raises(NotProvenError, match="cannot be read"):
        await Oidc(issuer=ISSUER, audience=AUDIENCE, keys=where).shown(
            {"token": token()}, APPROVE, place
        )


def test_keys_do_not_come_over_a_wire_that_others_can_write():
    with pytest.raises(ValidationError, match="over https"):
        Oidc(issuer=ISSUER, audience=AUDIENCE, keys="http://login.example/jwks")
