"""People that the tests know, with everything that shows who they are."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gameday.domain.policy import Policy
from gameday.domain.statement import Given, Says, Statement
from gameday.identity.key import public_text, sign

NOW = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
KEYS = {name: Ed25519PrivateKey.generate() for name in ("ann", "bob", "cy", "serve", "eve")}
ISSUER, AUDIENCE, TEAM = "https://login.example", "gameday", "T012AB3CD"
ISSUERS_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
APPROVE = Statement(says=Says.APPROVE, digest="d1", run_id="RUN1")
DENY = Statement(says=Says.DENY, digest="d1", run_id="RUN1")


def jwks(*, key_id: str = "k1") -> str:
    """The issuer's keys, as its address gives them."""
    key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(ISSUERS_KEY.public_key()))
    return json.dumps({"keys": [key | {"kid": key_id, "alg": "RS256", "use": "sig"}]})


def token(key=ISSUERS_KEY, *, algorithm: str = "RS256", kid: str = "k1", **changes) -> str:
    """An ID token of dana, made at NOW; a claim that is None is left out."""
    seconds = int(NOW.timestamp())
    claims = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": "4711", "iat": seconds, "exp": seconds + 300,
        "email": "dana@example.com", "email_verified": True,
    }  # fmt: skip
    made = {name: value for name, value in (claims | changes).items() if value is not None}
    return jwt.encode(made, key, algorithm=algorithm, headers={"kid": kid})


def pressed(statement: Statement, *, user: str = "U012AB3CD", team: str = TEAM) -> bytes:
    """The body that Slack sends when that user presses the button that says `statement`."""
    payload = {
        "type": "block_actions",
        "user": {"id": user, "username": "dana", "team_id": team},
        "team": {"id": team, "domain": "example"},
        "response_url": "https://hooks.slack.com/actions/T012AB3CD/1/abc",
        "actions": [
            {
                "type": "button",
                "action_id": f"gameday:{statement.says}",
                "value": statement.model_dump_json(exclude_defaults=True),
            }
        ],
    }
    return urlencode({"payload": json.dumps(payload)}).encode()


def slack_signature(body: bytes, seconds: int, secret: str = SECRET) -> str:
    """By a reckoning of our own: the code must not be its own witness."""
    base = f"v0:{seconds}:".encode() + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def press(statement: Statement, at: datetime = NOW, **who) -> Given:
    body, seconds = pressed(statement, **who), int(at.timestamp())
    signature = slack_signature(body, seconds)
    fields = {"body": body.decode(), "timestamp": str(seconds), "signature": signature}
    return Given(proof="slack", fields=fields)


def signed(name: str, statement: Statement, at: datetime = NOW) -> Given:
    return sign(KEYS[name], statement, at)


def key_of(name: str) -> str:
    return public_text(KEYS[name].public_key())


def policy(folder: Path, rules=()) -> Policy:
    """ann starts, bob and cy approve, dana does both; `serve` is a program."""
    (folder / "jwks.json").write_text(jwks())
    (folder / "slack").write_text(SECRET)
    return Policy.model_validate(
        {
            "policy": "tests",
            "allow": rules,
            "proofs": {
                "okta": {
                    "kind": "oidc", "issuer": ISSUER, "audience": AUDIENCE, "keys": "jwks.json",
                },
                "slack": {"kind": "slack", "secret": "file:slack", "team": TEAM},
            },
            "people": {
                "ann": {"roles": ["start", "approve"], "known_by": {"key": key_of("ann")}},
                "bob": {"roles": ["approve"], "known_by": {"key": key_of("bob")}},
                "cy": {"roles": ["view"], "known_by": {"key": key_of("cy")}},
                "dana": {
                    "roles": ["start", "approve"],
                    "known_by": {"okta": "email:dana@example.com", "slack": "U012AB3CD"},
                },
                "serve": {
                    "roles": ["start"], "service": True, "known_by": {"key": key_of("serve")},
                },
            },
        }
    )  # fmt: skip
