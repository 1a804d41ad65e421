"""What a run of a runbook is asked for with, be it one of its own or a drill's response."""

from enum import StrEnum
from typing import Literal

from gameday.domain.errand import Pause
from gameday.domain.runbook import Runbook
from gameday.domain.target import Target
from gameday.domain.value import Value

Sort = Literal["question", "step", "errand", "wait"]


class Mode(StrEnum):
    """What the steps of a runbook do to the world."""

    LIVE = "live"  # what they change stays
    DRILL = "drill"  # held under leases, and undone after the drill's fault
    DRY_RUN = "dry_run"  # nothing is changed, and nobody is asked or told


class RunbookRequest(Value):
    """Everything that a run of a runbook needs; holds no secret and no prompt.

    digest: of the runbook with its inputs filled in. run_id: of a drill's response, the drill's.
    incident: its id; '' where none is named. By item: sorts: what it is; pauses: what a wait waits
    for; well: the answers of a question by which the system is well; left_out: errands that are not
    done in a drill; go_before: steps that set what was there before the change. people_within_s:
    people are waited for so long at the most; None where the runbook's own times count.
    """

    run_id: str
    runbook: Runbook
    digest: str
    inputs: dict[str, str] = {}
    mode: Mode
    target: Target
    environment: str
    target_file: str  # absolute path on the workers' hosts
    suite_file: str
    folder: str  # where the run's artifacts go
    requested_by: str
    incident: str = ""
    sorts: dict[str, Sort]
    pauses: dict[str, Pause] = {}
    well: dict[str, tuple[str, ...]] = {}
    left_out: tuple[str, ...] = ()
    go_before: tuple[str, ...] = ()
    people_within_s: float | None = None
