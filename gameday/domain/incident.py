"""An incident: something is wrong on a target for real, so nobody rehearses there until it is over.

One that alerts have opened is over when they are and its runbook has ended; one that a person has
opened, when its runbook has put things right or a person says so.
"""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from gameday.domain.names import Name, Sentence
from gameday.domain.value import Value

# Empty only until it is kept under an id of its own.
IncidentId = Annotated[
    str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]{0,63})?$", examples=["INC-12"])
]
_UNBROKEN = frozenset({"plan", "approve", "preflight", "baseline"})  # phases of a drill
LEFT_OPEN = frozenset({"dirty", "failed"})  # outcomes of a run after which a person must look


class Alerted(Value):
    """One alert as a run is told of it.

    alert: what people call it. sender, key: the same for every delivery that tells of it. firing:
    else it is over. began_at: when its sender says that it began, or was over. runbook: the one
    that it starts where nobody rehearses; '' where it starts none.
    """

    alert: str
    sender: str
    key: str
    firing: bool
    began_at: AwareDatetime
    received_at: AwareDatetime
    runbook: str = ""

    @property
    def named(self) -> str:
        """It and no other one."""
        return f"{self.sender} {self.key}"


class DrillThere(Value):
    """A drill on a target, as far as one must know to tell its own alerts from others.

    phase: as Temporal's memo of the run has it. answers: the runbook that is its response once an
    alert has come; '' where no alert starts one. expects: the alerts that it may set off.
    """

    run_id: str
    environment: str
    started_at: AwareDatetime
    phase: str
    goes_on: bool
    answers: str = ""
    expects: tuple[str, ...] = ()

    def why_its_own(self, alert: Alerted) -> str:
        """Why the alert is of this drill's making, in a few words; '' where it is not known to be.

        What began before the drill did, or while it has broken nothing yet, is not.
        """
        if alert.began_at < self.started_at or (self.goes_on and self.phase in _UNBROKEN):
            return ""
        if alert.runbook and alert.runbook == self.answers:
            return f"drill {self.run_id} is to be answered by it"
        return f"drill {self.run_id} expects it" if alert.alert in self.expects else ""


class Incident(Value):
    """One incident as it stands.

    what: in a sentence. source: who, or which alert, said so. entry: of the file of
    `gameday serve`, whose further alerts belong to it. alerts: those that told of it, as they are
    named, and over: those of them that are over. run: of its runbook; outcome: how that ended.
    """

    id: IncidentId
    target: Name
    environment: Name
    since: AwareDatetime
    what: Sentence
    source: str
    entry: str = ""
    alerts: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    run: str = ""
    outcome: str = ""
    closed_at: AwareDatetime | None = None
    closed_by: str = ""

    @property
    def open(self) -> bool:
        return self.closed_at is None

    @property
    def ringing(self) -> bool:
        """Whether one of its alerts still fires."""
        return not set(self.alerts) <= set(self.over)

    @property
    def sentence(self) -> str:
        """That it is there, where, and since when."""
        return (
            f"incident {self.id} is open on target {self.target} since "
            f"{self.since:%Y-%m-%d %H:%M} ({self.what}; by {self.source})"
        )

    def told_of(self, alert: str) -> "Incident":
        """With one more alert, which may ring for the second time."""
        return self.model_copy(
            update={
                "alerts": tuple(dict.fromkeys((*self.alerts, alert))),
                "over": tuple(one for one in self.over if one != alert),
            }
        )

    def alert_over(self, alert: str, at: datetime) -> "Incident":
        """With one of its alerts over; closed where that leaves nothing."""
        if alert not in self.alerts:
            return self
        over = tuple(dict.fromkeys((*self.over, alert)))
        return self.model_copy(update={"over": over}).settled(at)

    def answered_by(self, run: str) -> "Incident":
        """With the run of its runbook; '' where there is none after all."""
        return self.model_copy(update={"run": run, "outcome": ""})

    def run_ended(self, outcome: str, at: datetime) -> "Incident":
        """With its runbook's run over; closed where that leaves nothing."""
        return self.model_copy(update={"outcome": outcome}).settled(at)

    def settled(self, at: datetime) -> "Incident":
        """The same, closed where nothing is left of it."""
        by = self._why_over()
        return self.closed(by, at) if self.open and by else self

    def closed(self, by: str, at: datetime) -> "Incident":
        return self.model_copy(update={"closed_at": at, "closed_by": by})

    def _why_over(self) -> str:
        """What shows that it is over; '' where nothing does."""
        if self.ringing or (self.run and not self.outcome) or self.outcome in LEFT_OPEN:
            return ""
        if self.outcome == "resolved":
            return f"run {self.run}, which put it right"
        return "its alerts, which are over" if self.alerts else ""
