"""The proof `oidc`: an ID token of an issuer that the operator trusts."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

import jwt
from pydantic import Field, PrivateAttr, field_validator

from gameday.domain.errors import SourceError
from gameday.domain.names import Url
from gameday.domain.proof import NotProvenError, Place, Proof, Shown, require_fresh
from gameday.domain.statement import Given, Statement
from gameday.identity._jwks import IssuerKeys

NAME = "oidc"
# Signatures by a key that the issuer alone has. Never `none`, and never a shared secret.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
_KINDS = ("subject", "email")
_HERE = {"127.0.0.1", "::1", "localhost"}
_CLOCKS_S = 30.0  # that the issuer's may differ from ours


class Oidc(Proof):
    """An OpenID Connect ID token, made within the last five minutes for this audience.

    Known by `subject:SUB`, or by `email:ADDRESS` where the issuer says that it has verified it.
    A token shows who, not what is said: so each one speaks once, and is given to nobody else.

    keys: where the issuer's keys are (`jwks_uri` of its discovery document): an address, or a file
    beside the policy.

    Source: OpenID Connect Core 1.0, 3.1.3.7; RFC 8725.
    """

    issuer: Annotated[str, Field(min_length=1, examples=["https://login.example"])]
    audience: Annotated[str, Field(min_length=1, examples=["gameday"])]
    keys: Annotated[Url | str, Field(min_length=1, examples=["https://login.example/jwks"])]

    @field_validator("keys")
    @classmethod
    def _nobody_stands_between(cls, keys: str) -> str:
        if keys.startswith("http://") and urlsplit(keys).hostname not in _HERE:
            raise ValueError("an issuer's keys come over https, from a file, or from this machine")
        return keys

    _issuer_keys: IssuerKeys = PrivateAttr(default_factory=IssuerKeys)

    def why_not_known_as(self, text: str) -> str:
        kind, _, name = text.partition(":")
        return "" if kind in _KINDS and name else "expected subject:SUB or email:ADDRESS"

    async def shown(self, given: Mapping[str, str], statement: Statement, place: Place) -> Shown:  # noqa: ARG002 - a token says nothing of what it is given for
        claims = await self._claims(given.get("token", ""), place)
        at = datetime.fromtimestamp(float(claims["iat"]), UTC)
        require_fresh(at, place.now)
        known_as = [f"subject:{claims['sub']}"]
        if claims.get("email_verified") is True:
            known_as.append(f"email:{claims.get('email', '')}")
        return Shown(known_as=tuple(known_as), at=at)

    async def _claims(self, token: str, place: Place) -> dict[str, Any]:
        try:
            key_id = str(jwt.get_unverified_header(token).get("kid", ""))
            key = await self._issuer_keys.of(key_id, self.keys, place.folder)
            if key is None:
                raise NotProvenError(f"{self.issuer} has no key {key_id!r}")
            # The key says which algorithm it is for; the token's own word for it counts nothing.
            if key.algorithm_name not in _ALGORITHMS:
                raise NotProvenError(f"a key for {key.algorithm_name} signs no token here")
            claims: dict[str, Any] = jwt.decode(
                token, key=key, algorithms=[key.algorithm_name],
                audience=self.audience, issuer=self.issuer, leeway=_CLOCKS_S,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )  # fmt: skip
        except jwt.PyJWTError as error:
            raise NotProvenError(f"its token is none of {self.issuer} for this: {error}") from error
        except SourceError as error:
            raise NotProvenError(error.sentence, next_step="try again soon") from error
        return claims


def token_given(token: str, proof: str) -> Given:
    """What makes a statement believed by an ID token. proof: the policy's name for its issuer."""
    return Given(proof=proof, fields={"token": token})
