"""What a policy file says of incidents: which steps may be carried out for good, and how often."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Annotated, Self

from pydantic import Field, model_validator

from gameday.domain.act import ActOrder, ActRecord
from gameday.domain.environment import is_production
from gameday.domain.quantities import Seconds
from gameday.domain.value import Value

_HOUR = timedelta(hours=1)


class RespondRule(Value):
    """One permission. `on` and `kinds` may hold `*`; the first rule that covers a step decides.

    approvals: how many people beside who asks must approve the exact proposal; 0 lets it run
    unattended. unattended: the owner's word for that, without which nothing runs so in production.
    approved_within: how old an approval may be. alerts: where the policy has `people:`, an alert
    may ask for it all the same. per_hour: steps under this rule in any hour. changes_max:
    components and actions that one run may change.
    """

    target: str
    environment: str
    on: str
    kinds: Annotated[tuple[str, ...], Field(min_length=1)]
    approvals: Annotated[int, Field(ge=0, le=2)] = 1
    unattended: bool = False
    approved_within: Seconds = 900.0
    alerts: bool = False
    per_hour: Annotated[int, Field(ge=1, le=1000)] = 6
    changes_max: Annotated[int, Field(ge=1, le=50)] = 3

    @model_validator(mode="after")
    def _fits_its_environment(self) -> Self:
        if too_lax := self.too_lax_for(self.environment):
            raise ValueError(too_lax)
        return self

    def too_lax_for(self, environment: str) -> str:
        """Why this rule allows nothing in `environment`, in one sentence; empty when it may."""
        if is_production(environment) and not (self.approvals or self.unattended):
            return (
                f"nothing is changed in {environment} without a person: approvals: 1, or "
                "`unattended: true`, the owner's word that it may be"
            )
        return ""

    def covers(self, target: str, environment: str, kind: str, on: str) -> bool:
        return (
            fnmatchcase(target, self.target)
            and fnmatchcase(environment, self.environment)
            and fnmatchcase(on, self.on)
            and any(fnmatchcase(kind, one) for one in self.kinds)
        )

    def bound_passed(self, wanted: ActOrder, known: Iterable[ActRecord], now: datetime) -> str:
        """Which bound one more act is over, in one sentence; empty when it is within all.

        known: the acts that were carried out before, of whatever run.
        """
        acts = tuple(act for act in known if not act.already)  # where nothing was called
        lately = [act for act in acts if self._has_let(act) and now - act.called_at < _HOUR]
        if len(lately) >= self.per_hour:
            free_at = min(act.called_at for act in lately) + _HOUR
            return (
                f"{len(lately)} steps under this rule were carried out within the last hour, and "
                f"the policy allows {self.per_hour}; the next one from {free_at:%H:%M:%S} UTC on"
            )
        run_id = wanted.proposal.run_id
        changed = {act.step.on for act in acts if act.run_id == run_id} - {wanted.step.on}
        if len(changed) >= self.changes_max:
            return (
                f"run {run_id} has changed {', '.join(sorted(changed))}, and the policy lets one "
                f"run change {self.changes_max}"
            )
        return ""

    def _has_let(self, act: ActRecord) -> bool:
        return self.covers(act.target, act.environment, act.step.kind, act.step.on)
