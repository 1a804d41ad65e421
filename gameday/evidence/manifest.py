"""The manifest of a bundle: which run it is of, and the digest of every file in it."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from gameday.domain.value import Value
from gameday.domain.verdict import Verdict

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ManifestFile(Value):
    """One file of the run. withheld: it is known by its digest and not in this bundle."""

    sha256: Sha256
    bytes: int
    withheld: bool = False


class Manifest(Value):
    """What a bundle holds, and what its run came to."""

    format: Literal["gameday-bundle/1"] = "gameday-bundle/1"
    run: str
    drill: str
    target: str
    environment: str
    verdict: Verdict
    reason: str
    started_at: datetime
    ended_at: datetime
    requested_by: str
    approved_by: str
    plan_digest: str
    journal_head: Sha256
    made_by: str  # gameday and its version
    files: dict[str, ManifestFile]

    def as_bytes(self) -> bytes:
        return self.model_dump_json(indent=1).encode() + b"\n"


def read_manifest(content: bytes) -> Manifest | None:
    """None where it is no manifest of a version that is known here."""
    try:
        return Manifest.model_validate_json(content)
    except ValidationError:
        return None
