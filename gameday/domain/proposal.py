"""What a run of a runbook asks to be allowed to do: what people approve, by its digest."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field

from gameday.domain.drill import StepSpec
from gameday.domain.names import Name
from gameday.domain.value import Value

RunMode = Literal["live", "drill", "dry_run"]
# One moment has one spelling, so that it has one digest.
Moment = Annotated[AwareDatetime, AfterValidator(lambda at: at.astimezone(UTC))]


class Proposal(Value):
    """The exact steps, where, for which incident, asked by whom, and until when.

    An approval names the digest: whatever is edited afterwards is another proposal, which nobody
    has approved. The injector reckons the digest itself, from the proposal that it is given.

    mode: `live` changes stay; `drill` holds them under a lease; `dry_run` changes nothing.
    runbook_digest: of the file that the steps are taken from. approvals: how many the runbook asks
    for; the policy may ask for more, and never for fewer.
    """

    run_id: Annotated[str, Field(min_length=1, max_length=80, examples=["7Q2K"])]
    mode: RunMode
    target: Name
    environment: Name
    runbook: Name
    runbook_digest: Annotated[str, Field(max_length=64)]
    steps: Annotated[tuple[StepSpec, ...], Field(min_length=1, max_length=50)]
    approvals: Annotated[int, Field(ge=0, le=2)] = 0
    asked_by: Annotated[str, Field(min_length=1, max_length=200, examples=["ada"])]
    incident: Annotated[str, Field(max_length=200, examples=["INC-12"])] = ""
    expires_at: Moment

    @property
    def digest(self) -> str:
        """sha256 over its canonical JSON, in 64 hexadecimal digits."""
        canonical = json.dumps(
            self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        return hashlib.sha256(canonical.encode()).hexdigest()

    def expired(self, now: datetime) -> bool:
        return now >= self.expires_at

    @property
    def words(self) -> str:
        """Its steps as a sentence lists them: `pin_model on component/model, to previous; …`."""
        return "; ".join(step.words for step in self.steps)
