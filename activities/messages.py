"""What the workflows send to activities and get back. No prompt, answer or secret is in these."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from gameday.domain.abort import AbortCondition
from gameday.domain.alerts import AlertWatch
from gameday.domain.detection import Detect, Detection
from gameday.domain.drill import Window as WindowSpec
from gameday.domain.drill import Windows
from gameday.domain.environment import InjectorAddress
from gameday.domain.front_door import Marker
from gameday.domain.gate import Traffic
from gameday.domain.lease import ClearedBy, FaultRecord, Injection
from gameday.domain.progress import Progress
from gameday.domain.record import Moment, Readiness, RunRecord, RunRequest
from gameday.domain.target import Target
from gameday.domain.value import Value
from gameday.domain.waiting import Waiting


class PreflightReport(Value):
    lines: tuple[Readiness, ...]

    @property
    def refusal(self) -> str:
        """The sentences of what is not ready; empty when everything is."""
        return "; ".join(line.sentence for line in self.lines if not line.ok)


class LoadStarted(Value):
    """Where a part of the load runs: windows are observed from there."""

    queue: str
    started_at: datetime


class Reported(Value):
    """What a worker says that may lend its generators to a load."""

    host: str
    at: datetime  # by its own clock
    sees_folder: bool  # of the run, which every worker of the load writes into


class LoadShare(Value):
    """The generators of a load that one worker runs, by number."""

    request: RunRequest
    generators: tuple[int, ...]


class KeepLoad(Value):
    """A share that is ready, and when all of them begin."""

    run_id: str
    begins_at: datetime


class GateWatch(Value):
    """The gates whose calls are counted while a window is watched."""

    injector: InjectorAddress
    gates: dict[str, str]  # provider -> the listener before it
    marked_at: tuple[str, ...] = ()  # providers with a fault for marked requests alone
    before: dict[str, Traffic] | None = None  # of the baseline, to compare unmarked calls with
    shift: AbortCondition | None = None  # as the drill states it; None leaves the usual bounds


class Elsewhere(Value):
    """What other systems measure and say, read while a window is watched."""

    target: Target
    slos: tuple[str, ...]
    alerts: AlertWatch | None = None


class Noticing(Value):
    """What counts as noticing a change, and the baseline that it is held against."""

    detect: Detect
    since: datetime
    until: datetime


class ObserveWindow(Value):
    """One window to watch."""

    run_id: str
    folder: str
    window: str
    windows: Windows
    floor: datetime  # only samples intended at or after this belong to the window
    home: str | None  # who must serve for an answer to count as good again
    seen_as: str = ""  # what an answer must call its version to count so, if it names one
    noticing: Noticing | None = None
    guards: tuple[AbortCondition, ...] = ()
    watch: GateWatch | None = None
    elsewhere: Elsewhere | None = None

    @property
    def spec(self) -> WindowSpec:
        """How this one is to end."""
        return dict(self.windows.in_order())[self.window]


class WindowSeen(Value):
    """How a window ended: "time", "requests", "all_good", "detected", "at_most" or "guard"."""

    ended: str
    sentence: str = ""
    guard: str = ""  # the condition that ended it, as the drill states it
    progress: Progress
    traffic: dict[str, Traffic] = {}  # at the gates during the window, by provider
    notes: tuple[str, ...] = ()  # what could not be watched
    detection: Detection | None = None


class Arm(Value):
    """One fault to inject, under an id that the workflow chose."""

    fault_id: str
    injector: InjectorAddress
    injection: Injection
    marker: Marker | None = None


class Armed(Value):
    moment: Moment
    record: FaultRecord | None = None
    refused: str = ""


class PlanReverts(Value):
    """What a plan of what to put back goes by: answers of the baseline, and of what came then.

    since, until: the baseline. floor: only answers from here on show anything. done: components
    that were put back already, as `component/corpus`.
    """

    request: RunRequest
    since: datetime
    until: datetime
    floor: datetime
    done: tuple[str, ...] = ()


class Hold(Value):
    """Leases to renew while the workflow says that the faults are wanted."""

    injector: InjectorAddress
    fault_ids: tuple[str, ...]
    workflow_id: str
    every_s: Annotated[float, Field(gt=0)]


class HoldEnded(Value):
    """Why nothing is held any more."""

    why: str
    by_person: bool = False  # somebody stopped the fault at the injector


class Clear(Value):
    """Faults to put back, newest first."""

    injector: InjectorAddress
    fault_ids: tuple[str, ...]
    by: ClearedBy


class Cleared(Value):
    moment: Moment
    records: tuple[FaultRecord, ...]
    dirty: str = ""  # what could not be put back or verified


class StopLoad(Value):
    run_id: str


class Baseline(Value):
    """What is needed to say whether the baseline is one."""

    request: RunRequest
    started_at: datetime


class Close(Value):
    """A run whose own workflow is gone."""

    folder: str
    by: str
    reason: str


class Finished(Value):
    """A run whose samples are all there."""

    record: RunRecord


class StoredRun(Value):
    """A run that has been judged and lies in its folder."""

    folder: str


class Hear(Value):
    """What to ask the injector about: who has said what of this digest, for this run."""

    injector: InjectorAddress
    digest: str
    run_id: str
    asked_by: str
    within_s: float


class Approved(Value):
    """How far the approval of a plan is, as the injector has it.

    wanting: what it still needs, in one sentence; '' when it has all. how: how people are known.
    """

    people: tuple[str, ...] = ()
    denied_by: str = ""
    wanting: str = ""
    how: str = ""

    @property
    def sentence(self) -> str:
        """What whoever has just said something is told."""
        if self.denied_by:
            return f"{self.denied_by} has said no"
        yes = f"approved by {', '.join(self.people) or 'nobody'}"
        return "; ".join(filter(None, (yes + self.how, self.wanting)))


class TellPeople(Value):
    """Something for the people of a target: what a run waits for, or a sentence that it says.

    target_file: the file on the workers' hosts, beside which a channel's command runs.
    """

    target: Target
    target_file: str
    run_id: str
    environment: str
    waiting: Waiting | None = None
    say: str = ""
