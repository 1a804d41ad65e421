"""Who sits at the command line, and how that is shown to an injector whose policy names people."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gameday.cli.options import me
from gameday.cli.session import Session
from gameday.domain.environment import InjectorAddress
from gameday.domain.errors import FileError, InjectorUnreachableError, StartError
from gameday.domain.runbook_request import RunbookRequest
from gameday.domain.statement import Given, Says, Statement, Word, run_digest
from gameday.evidence.key import read_private
from gameday.identity.key import sign
from gameday.identity.oidc import token_given
from gameday.injector.client import InjectorClient

KeyFile = Annotated[
    Path | None,
    typer.Option("--key", envvar="GAMEDAY_KEY", help="Your private key: gameday key new."),
]
TokenFile = Annotated[
    Path | None,
    typer.Option("--oidc-token-file", help="A file with an ID token made just now."),
]
TokenProof = Annotated[
    str, typer.Option("--oidc", help="The policy's name for the token's issuer.")
]
TOKEN_PROOF = "oidc"  # noqa: S105 - the name of a proof


@dataclass(frozen=True)
class Signer:
    """Whoever asks. name: believed only where the policy names no people."""

    name: str
    key: Path | None = None
    token: Path | None = None
    token_proof: str = TOKEN_PROOF

    @classmethod
    def of(
        cls, who: str | None, key: Path | None, token: Path | None, token_proof: str
    ) -> "Signer":
        """Raises FileError where two ways are named, and nobody says which."""
        if key and token:
            raise FileError(
                "both --key and --oidc-token-file are named", next_step="leave one of them out"
            )
        return cls(who or me(), key, token, token_proof)

    def given(self, statement: Statement) -> Given | None:
        """What shows whose the statement is; None where only a name is there. Raises FileError."""
        if self.key is not None:
            return sign(read_private(self.key), statement, datetime.now(UTC))
        if self.token is None:
            return None
        if not self.token.is_file():
            raise FileError(f"{self.token} is no file", next_step="write the ID token there")
        return token_given(self.token.read_text().strip(), self.token_proof)

    async def say(self, injector: InjectorClient, statement: Statement) -> Word:
        """Raises InjectorRefusedError where it is not believed, or may not say that."""
        return await injector.say(statement, by=self.name, proof=self.given(statement))


async def started_by(
    injector: InjectorClient | None,
    signer: Signer,
    *,
    run_id: str,
    digest: str,
    asked_by: str = "",
) -> str:
    """Who starts a run, told to its injector where the policy names people. Before it starts.

    injector: None, or one that does not answer, is preflight's to tell of. digest: of the plan, or
    of the runbook's run. asked_by: the alert that a program starts it for.
    """
    if injector is None or not await _names_people(injector):
        return asked_by or signer.name
    said = Statement(says=Says.START, digest=digest, run_id=run_id, asked_by=asked_by)
    return asked_by or (await signer.say(injector, said)).by


async def _names_people(injector: InjectorClient) -> bool:
    try:
        return (await injector.health()).people
    except InjectorUnreachableError:
        return False


def reachable(session: Session, at: InjectorAddress) -> InjectorClient | None:
    """A client of the injector there; None where this machine has no token for it."""
    try:
        return session.injector(at)
    except (FileError, StartError):
        return None


def start_digest(request: RunbookRequest) -> str:
    """What a start of a runbook's run is bound to."""
    return run_digest(request.mode, request.target.target, request.environment, request.digest)
