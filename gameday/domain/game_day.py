"""What a game-day file says: drills in an order, the people, when to go on and when to stop.

And what comes of one: each drill's answer, and when people were paged, acknowledged and decided.
"""

import hashlib
import json
import re
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gameday.domain.calendar import Calendar
from gameday.domain.drill import Drill
from gameday.domain.environment import InjectorAddress
from gameday.domain.names import Name, Sentence
from gameday.domain.plan import Plan
from gameday.domain.quantities import Seconds
from gameday.domain.record import RunRequest
from gameday.domain.result import CheckResult, ResponseResult, RestoreResult, Result
from gameday.domain.target import Target
from gameday.domain.value import Value
from gameday.domain.verdict import Verdict

WORKFLOW_PREFIX = "game-day-"
# Whatever the file says: nothing more is broken when something may be left, or somebody said stop.
ALWAYS_STOPS = frozenset({Verdict.DIRTY, Verdict.ABORTED})
_WORST_FIRST = (
    Verdict.DIRTY, Verdict.ABORTED, Verdict.FAILED, Verdict.INCONCLUSIVE, Verdict.REFUSED,
)  # fmt: skip
_SLOT_TIME = re.compile(r"T(\d\d):(\d\d):(\d\d)Z$")
_PLAIN_TIME = re.compile(r"T(\d\d)(\d\d)(\d\d)Z$")

Moment = Literal["paged", "acknowledged", "decided"]
Person = Annotated[str, Field(min_length=1, max_length=100, examples=["ana"])]


class People(Value):
    """Who does what, by the names that they say with `--as`.

    leads: confirms the preconditions. paged: who is rung up when a drill that `pages` begins.
    approves: who may approve a drill that waits for it.
    """

    leads: Person
    paged: tuple[Person, ...] = ()
    approves: tuple[Person, ...] = ()


class Entry(Value):
    """One drill of the day. It waits for approval, or pages somebody when it begins, if told to."""

    drill: Annotated[str, Field(min_length=1, max_length=1000, examples=["provider-outage"])]
    overrides: tuple[str, ...] = ()  # as `gameday run --set` takes them
    approval: bool = False
    pages: bool = False


class Timetable(Calendar):
    """When the game day is due, and after how long without one it is overdue."""

    grace_days: Annotated[int, Field(ge=0, le=366)] = 14


class GameDay(Value):
    """A game-day file."""

    game_day: Name
    title: Sentence
    target: Name
    environment: Name | None = None  # may be left out where the target has one
    people: People
    preconditions: tuple[Sentence, ...] = ()  # that whoever leads confirms before the first drill
    drills: Annotated[tuple[Entry, ...], Field(min_length=1, max_length=50)]
    stop_on: tuple[Verdict, ...] = (Verdict.FAILED, Verdict.REFUSED)
    approval_within: Seconds = 3600.0  # else the day ends there
    schedule: Timetable | None = None

    @model_validator(mode="after")
    def _somebody_can_say_yes(self) -> Self:
        if any(entry.approval for entry in self.drills) and not self.people.approves:
            raise ValueError(
                "a drill waits for approval; expected people.approves to name somebody"
            )
        if any(entry.pages for entry in self.drills) and not self.people.paged:
            raise ValueError("a drill pages; expected people.paged to name somebody")
        return self

    @model_validator(mode="after")
    def _a_pass_goes_on(self) -> Self:
        if Verdict.PASSED in self.stop_on:
            raise ValueError("stop_on: a drill that passed stops nothing")
        return self

    def stops_on(self, verdict: Verdict) -> bool:
        return verdict in ALWAYS_STOPS or verdict in self.stop_on


class PreparedDrill(Value):
    """A drill as it was read and checked, and its plan."""

    drill: Drill
    plan: Plan


class GameDayRequest(Value):
    """Everything that a game day needs; holds no secret and no prompt.

    A schedule keeps one: so what runs is what was shown when it was applied, whatever has become
    of the files since.
    """

    game_day: GameDay
    drills: tuple[PreparedDrill, ...]
    target: Target
    environment: str
    suite_file: str  # absolute paths on the workers' hosts
    target_file: str
    runs: str  # the folder below which each game day and each run has its own
    requested_by: str

    @property
    def digest(self) -> str:
        """What an approval is bound to: every plan, the people and the rules of the day."""
        day = self.game_day.model_dump(mode="json", by_alias=True, exclude={"schedule"})
        content = [day, [drill.plan.digest for drill in self.drills], self.environment]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @property
    def injector(self) -> InjectorAddress:
        return self.target.environments[self.environment].injector

    def run_request(self, day_id: str, position: int, confirmed_by: str = "") -> RunRequest:
        """The run of the drill at that position, counted from 0, of the day with that id.

        confirmed_by: who led the day and began it; without, whoever asked for the day asks.
        """
        run_id, drill = run_id_of(day_id, position), self.drills[position]
        return RunRequest(
            run_id=run_id,
            drill=drill.drill,
            target=self.target,
            environment=self.environment,
            suite_file=self.suite_file,
            folder=f"{self.runs}/{run_id}",
            plan=drill.plan,
            requested_by=confirmed_by or self.requested_by,
            target_file=self.target_file,
        )

    def folder(self, day_id: str) -> str:
        return f"{self.runs}/{day_id}"


def workflow_id_of(day_id: str) -> str:
    """A schedule's workflows end in their slot, whose colons no folder should have."""
    return WORKFLOW_PREFIX + _PLAIN_TIME.sub(r"T\1:\2:\3Z", day_id)


def day_id_of(workflow_id: str) -> str:
    return _SLOT_TIME.sub(r"T\1\2\3Z", workflow_id.removeprefix(WORKFLOW_PREFIX))


def run_id_of(day_id: str, position: int) -> str:
    return f"{day_id}-{position + 1}"


class PersonsMoment(Value):
    """Something that a person did, when they said that they had."""

    what: Moment
    at: datetime
    by: str = Field(description="who; of a page, who was rung up")
    words: str = Field(default="", description="what was decided")


class PeopleTimes(Value):
    """When people came to know of one drill and what they did; null where nobody said so."""

    paged_at: datetime | None = None
    paged: tuple[str, ...] = ()
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    acknowledged_after_s: float | None = Field(default=None, description="from the page")
    decided_at: datetime | None = None
    decided_by: str = ""
    decided_after_s: float | None = Field(default=None, description="from the page")
    decision: str = ""

    @classmethod
    def of(cls, moments: tuple[PersonsMoment, ...]) -> "PeopleTimes":
        """Of each sort the first counts; all pages name somebody."""
        first: dict[str, PersonsMoment] = {}
        for moment in moments:
            first.setdefault(moment.what, moment)
        paged, acknowledged, decided = map(first.get, ("paged", "acknowledged", "decided"))
        since = paged.at if paged else None
        return cls(
            paged_at=since,
            paged=tuple(dict.fromkeys(one.by for one in moments if one.what == "paged")),
            acknowledged_at=acknowledged.at if acknowledged else None,
            acknowledged_by=acknowledged.by if acknowledged else "",
            acknowledged_after_s=_after_s(since, acknowledged),
            decided_at=decided.at if decided else None,
            decided_by=decided.by if decided else "",
            decided_after_s=_after_s(since, decided),
            decision=decided.words if decided else "",
        )


def _after_s(since: datetime | None, moment: PersonsMoment | None) -> float | None:
    return (moment.at - since).total_seconds() if since and moment else None


class DrillOutcome(Value):
    """One drill of the day: what was asked of it, and what came of it.

    Its figures against their objectives are in `checks`; all else is in the run's own result.
    """

    drill: str
    title: str
    hypothesis: str
    plan_digest: str = ""
    run_id: str | None = Field(default=None, description="null: it was not started")
    verdict: Verdict | None = Field(default=None, description="null: it did not run, or goes on")
    sentence: str = Field(default="", description="of the verdict, or why it did not run")
    approved_by: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    checks: tuple[CheckResult, ...] = ()
    response: ResponseResult = ResponseResult()
    restore: RestoreResult = RestoreResult()
    requests: int = Field(default=0, description="after the baseline and before the recovery")
    errors: int = Field(default=0, description="of them: those that got no good answer")
    people: PeopleTimes = PeopleTimes()

    def ended(self, result: Result) -> "DrillOutcome":
        """With what its run came to."""
        felt = [w for name, w in result.windows.items() if name not in ("baseline", "recovered")]
        return self.model_copy(
            update={
                "verdict": result.verdict,
                "sentence": result.reason,
                "started_at": result.started_at,
                "ended_at": result.ended_at,
                "checks": result.checks,
                "response": result.response,
                "restore": result.restore,
                "requests": sum(window.n for window in felt),
                "errors": sum(window.errors for window in felt),
            }
        )


class GameDayResult(Value):
    """What a game day left: `game_day.json` in its folder.

    Written anew after each drill, so that a day whose workflow is gone is known as far as it got:
    without `ended_at` nobody has closed it.
    """

    id: str
    game_day: str
    title: str
    target: str
    environment: str
    people: People
    preconditions: tuple[str, ...] = ()
    confirmed_by: str = Field(default="", description="who confirmed the preconditions")
    requested_by: str
    digest: str = Field(description="of the plans, the people and the rules, as it was approved")
    slot_at: datetime | None = Field(
        default=None, description="of its schedule; null: a person started it"
    )
    started_at: datetime
    ended_at: datetime | None = None
    verdict: Verdict | None = Field(
        default=None, description="passed: every drill did; null: it goes on"
    )
    reason: str = ""
    drills: tuple[DrillOutcome, ...]
    notes: tuple[str, ...] = Field(default=(), description="such as slots that were missed before")

    @property
    def counted(self) -> dict[str, int]:
        """How many drills ended in each verdict; those that did not run under `not run`."""
        found: dict[str, int] = {}
        for drill in self.drills:
            word = drill.verdict or "not run"
            found[word] = found.get(word, 0) + 1
        return found


class Gate(Value):
    """What a game day waits for: one yes of one of these people."""

    about: str
    by: tuple[str, ...]
    position: int | None = None  # of the drill that would begin; None: all of the day


class DayProgress(Value):
    """A game day as its workflow sees it now. injector: who must hear what people say, too."""

    day: GameDayResult
    waits_for: Gate | None = None
    injector: InjectorAddress = ""


class DayApproval(Value):
    """One person's yes to the game day of one digest, at the gate where it waits."""

    by: Person
    digest: str


class Mark(Value):
    """What a person says to have done."""

    what: Moment
    by: Person
    words: Annotated[str, Field(max_length=400)] = ""


def opened_day(request: GameDayRequest, day_id: str, at: datetime) -> GameDayResult:
    """The day before anything has run."""
    day = request.game_day
    return GameDayResult(
        id=day_id,
        game_day=day.game_day,
        title=day.title,
        target=day.target,
        environment=request.environment,
        people=day.people,
        preconditions=day.preconditions,
        requested_by=request.requested_by,
        digest=request.digest,
        started_at=at,
        drills=tuple(
            DrillOutcome(
                drill=one.drill.drill,
                title=one.drill.title,
                hypothesis=one.drill.hypothesis,
                plan_digest=one.plan.digest,
            )
            for one in request.drills
        ),
    )


def day_verdict(
    drills: tuple[DrillOutcome, ...], stopped: str, *, aborted: bool = False
) -> tuple[Verdict, str]:
    """The verdict of a day that has ended, and its sentence.

    stopped: why it ended before its last drill did; '' where all ran. aborted: a person said so.
    A day passes only if every drill did; what did not run is no pass.
    """
    ran = [drill.verdict for drill in drills if drill.verdict is not None]
    verdicts = [*ran, *([Verdict.ABORTED] if aborted else [])]
    worst = next((one for one in _WORST_FIRST if one in verdicts), None)
    passed, total = ran.count(Verdict.PASSED), len(drills)
    unrun = total - len(ran)
    others = [f"{one.drill} {one.verdict}" for one in drills if one.verdict not in (None, "passed")]
    tail = f"{unrun} did not run: {stopped}" if unrun else ", ".join(others)
    sentence = f"{passed} of {total} drills passed{f'; {tail}' if tail else ''}"
    if worst is None and not unrun:
        return Verdict.PASSED, sentence
    return worst or (Verdict.INCONCLUSIVE if ran else Verdict.REFUSED), sentence
