"""The proof `slack`: a button that was pressed in Slack, as Slack signs that."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import parse_qs

from pydantic import Field, ValidationError

from gameday.domain.names import SecretRef
from gameday.domain.proof import NotProvenError, Place, Proof, Shown, require_fresh
from gameday.domain.statement import Given, Statement
from gameday.supervisor.secrets import read_secret

TIMESTAMP, SIGNATURE = "x-slack-request-timestamp", "x-slack-signature"
_VERSION = "v0"


class Slack(Proof):
    """A user of one Slack workspace who presses a button of a message.

    Known by the user's id, e.g. `U012AB3CD`. Slack signs the moment and the whole body; the body
    says who pressed which button, and the button holds the statement.

    secret: the app's signing secret. team: the id of the workspace.

    Source: "Verifying requests from Slack" and `block_actions` in Slack's documentation.
    """

    secret: SecretRef
    team: Annotated[str, Field(pattern=r"^[TE][A-Z0-9]{2,30}$", examples=["T012AB3CD"])]

    def why_not_known_as(self, text: str) -> str:
        fits = text[:1] in {"U", "W"} and text.isalnum() and text.isupper()
        return "" if fits else "expected a user's id, as U012AB3CD"

    async def shown(self, given: Mapping[str, str], statement: Statement, place: Place) -> Shown:
        body = given.get("body", "").encode()
        secret = read_secret(self.secret, beside=place.folder)
        at = require_signed(body, given.get("timestamp", ""), given.get("signature", ""), secret)
        require_fresh(at, place.now)
        pressed = Pressed.read(body)
        if pressed.team != self.team:
            raise NotProvenError(f"it is of the workspace {pressed.team}, not of {self.team}")
        if pressed.statement != statement:
            raise NotProvenError("the button that was pressed says something else")
        return Shown(known_as=(pressed.user,), at=at)


class Pressed:
    """What a signed body says: who pressed which button, and where to answer."""

    def __init__(self, payload: Mapping[str, Any]) -> None:
        action = payload["actions"][0]
        self.user = str(payload["user"]["id"])
        self.team = str(payload["team"]["id"])
        self.response_url = str(payload.get("response_url", ""))
        self.statement = Statement.model_validate_json(action["value"])

    @classmethod
    def read(cls, body: bytes) -> "Pressed":
        """Raises NotProvenError for anything that is no press of one of our buttons."""
        try:
            payload = json.loads(parse_qs(body.decode(), strict_parsing=True)["payload"][0])
            if payload["type"] != "block_actions":
                raise NotProvenError(f"it is {payload['type']}; expected block_actions")
            return cls(payload)
        except (KeyError, IndexError, TypeError, ValueError, ValidationError) as error:
            raise NotProvenError("it is no press of a button of ours") from error


def require_signed(body: bytes, timestamp: str, signature: str, secret: str) -> datetime:
    """The moment that Slack has signed with the body. Raises NotProvenError."""
    base = b":".join((_VERSION.encode(), timestamp.encode(), body))
    expected = f"{_VERSION}={hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()}"
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise NotProvenError("it is not signed with the app's signing secret")
    if not (timestamp.isdecimal() and len(timestamp) <= 12):
        raise NotProvenError("its timestamp is no number of seconds")
    return datetime.fromtimestamp(int(timestamp), UTC)


def press_given(body: bytes, headers: Mapping[str, str], proof: str) -> Given:
    """What makes a statement believed by Slack's own request, as it came."""
    fields = {
        "body": body.decode(errors="replace"),
        "timestamp": headers.get(TIMESTAMP, ""),
        "signature": headers.get(SIGNATURE, ""),
    }
    return Given(proof=proof, fields=fields)
