"""A step that is carried out for good, in an incident: what is asked of the injector, and told.

In a drill a step is held under a lease and undone (`gameday/domain/lease.py`). In an incident it is
meant to stay: no lease, no stop, no sweep and no restart of the injector undoes it.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from gameday.domain.component import Version
from gameday.domain.drill import StepSpec
from gameday.domain.proposal import Proposal
from gameday.domain.value import Value


class ActState(StrEnum):
    """What became of it."""

    DONE = "done"  # read back: it took effect
    NOT_DONE = "not_done"  # read back: it did not take effect; why is in `failed`, `unverified`
    UNKNOWN = "unknown"  # it could not be read back; asking again may help
    UNDONE = "undone"  # put back by `undo`, and read back


class ActOrder(Value):
    """What a workflow asks the injector for. The act's id is chosen by the workflow."""

    proposal: Proposal
    step: StepSpec

    @model_validator(mode="after")
    def _step_is_proposed(self) -> Self:
        if self.step not in self.proposal.steps:
            raise ValueError(
                f"{self.step.words} is no step of the proposal, which has: {self.proposal.words}"
            )
        return self


class ActRecord(Value):
    """What the injector knows of one act. Times are UTC.

    already: nothing was called, because it stood there before. to: what it set.
    before, after: what the component stood at; None where it could not be read.
    failed: what the mechanism said when it was called. unverified: how it reads back otherwise.
    recovered: what was found out about it after the injector had died meanwhile.
    allowed_by: the rule of the policy that let it through. approved_by: whose approval did.
    """

    id: str
    run_id: str
    target: str
    environment: str
    incident: str
    step: StepSpec
    proposal_digest: str
    asked_by: str
    allowed_by: str = ""
    approved_by: tuple[str, ...] = ()
    state: ActState
    already: bool = False
    to: Any = None
    seen_as: str = ""
    before: Version | None = None
    after: Version | None = None
    called_at: datetime
    answered_at: datetime | None = None
    verified_at: datetime | None = None
    failed: str = ""
    unverified: str = ""
    recovered: str = ""
    undone_at: datetime | None = None
    undo_failed: str = ""  # why the last try to undo it did not work, and what to do about it

    @property
    def problem(self) -> str:
        """Why it cannot be relied on, in a sentence; '' when it is done, or undone."""
        if self.state in (ActState.DONE, ActState.UNDONE):
            return ""
        return "; ".join(filter(None, (self.failed, self.unverified))) or "it was not read back"


class ActOutlook(Value):
    """What would become of an act if it were asked for now. Nothing was touched.

    refusal: why it would be refused, whoever approves it; '' when it would not. already: it stands
    there, so that nothing would be called.
    approvals: how many people must approve the proposal. approved_by: who has, as far as it counts.
    """

    refusal: str = ""
    already: bool = False
    approvals: Annotated[int, Field(ge=0, le=2)] = 0
    approved_by: tuple[str, ...] = ()

    @property
    def waits_for(self) -> int:
        """How many more people must approve it."""
        return max(0, self.approvals - len(self.approved_by))
