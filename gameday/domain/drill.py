"""What a drill file says: the hypothesis, what to break, under what load, and how to judge."""

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from gameday.domain.abort import AbortCondition
from gameday.domain.alerts import AlertName
from gameday.domain.arrivals import RateCurve
from gameday.domain.detection import Detect
from gameday.domain.names import Name, Resource, Sentence
from gameday.domain.offered import Offered
from gameday.domain.quantities import Rate, Seconds, plain
from gameday.domain.slo import OWN_NAMES
from gameday.domain.value import Value

COMPONENT = "component/"  # what a resource begins with that is one of the target's components


class Scope(StrEnum):
    """Whose traffic a fault touches."""

    ALL = "all"
    SHARE = "share"
    MARKED = "marked"


class HangUp(Value):
    """Impatient clients: a share of the requests closes its connection after so long."""

    after: Seconds
    share: Annotated[float, Field(gt=0, lt=1, examples=[0.2])]


class Stage(Value):
    """The rate goes straight to `to`, and takes `over` for it; then comes the next stage."""

    to: Rate
    over: Seconds


class Conversations(Value):
    """Each conversation asks so many cases of the suite, and only the last answer is scored.

    pause: how long its user reads and thinks after each answer.
    """

    turns: Annotated[int, Field(ge=2, le=10)]
    pause: Seconds

    @property
    def seconds(self) -> float:
        """From the first question to the last, where answers take no time."""
        return self.pause * (self.turns - 1)

    def behind_s(self, since_s: float, lasts_s: float) -> float:
        """So many seconds of its requests a load is behind in a stretch: later turns come later.

        since_s: when the stretch begins, from the first question of all.
        """
        late_s = (number * self.pause - since_s for number in range(1, self.turns))
        return sum(min(max(0.0, late), lasts_s) for late in late_s) / self.turns


class Load(Value):
    """The synthetic traffic that runs from the first window to the last.

    `rate` is that of the beginning; `stages` lead on from it, counted from the first request,
    and the last one's rate stays.
    """

    rate: Rate
    stages: tuple[Stage, ...] = ()
    arrivals: Literal["even", "poisson"] = "even"
    # A file of recorded arrival times, instead of rate and stages; `rate` is then its mean.
    replay: Annotated[str, Field(min_length=1, max_length=1000, examples=["monday.txt"])] | None = (
        None
    )
    suite: Name
    stream: bool = True
    hang_up: HangUp | None = None
    conversations: Conversations | None = None
    # Who ask in turn, each under a name of its own, where a system treats them apart.
    users: Annotated[int, Field(ge=1, le=1000, examples=[25])] | None = None
    generators: Annotated[int, Field(ge=1, le=64)] = 1  # processes that share the load's requests
    # Requests at the same moments that no fault touches. Unless said, as many as the load has
    # where the faults leave somebody alone; else none.
    control: Rate | Literal["off"] | None = None

    @property
    def user_names(self) -> tuple[str, ...]:
        return tuple(f"user-{number}" for number in range(1, (self.users or 0) + 1))

    @property
    def control_rate(self) -> float:
        return self.control if isinstance(self.control, float) else 0.0

    @property
    def control_share(self) -> float:
        """Control requests for each other one, whatever the rate is at the time."""
        return self.control_rate / self.rate

    @model_validator(mode="after")
    def _control_is_no_more(self) -> Self:
        if self.control_share > 1:
            raise ValueError(
                f"the control group has {plain(self.control_rate)}/s, more than the load's "
                f"{plain(self.rate)}/s; expected at most as many"
            )
        return self

    @model_validator(mode="after")
    def _one_schedule(self) -> Self:
        if self.replay is not None and (self.stages or self.arrivals != "even"):
            raise ValueError("replay is a schedule of its own; expected no stages and no arrivals")
        return self

    def curve(self) -> RateCurve:
        """Its rate over the seconds since the first request."""
        return RateCurve(self.rate, [(stage.to, stage.over) for stage in self.stages])

    def offered(self) -> Offered:
        """What it offers in any stretch of the run."""
        # Of recorded arrivals only the mean rate is known here: planned as if they came by chance.
        return Offered(self.curve(), by_chance=self.replay is not None or self.arrivals != "even")

    @property
    def shape(self) -> str:
        """Its rate in words: `10/s, to 60/s over 20 s, 60/s for 15 s`."""
        words, rate = [f"{plain(self.rate)}/s"], self.rate
        for stage in self.stages:
            to, over = f"{plain(stage.to)}/s", f"{plain(stage.over)} s"
            words.append(f"{to} for {over}" if stage.to == rate else f"to {to} over {over}")
            rate = stage.to
        if self.replay is not None:
            return f"recorded arrivals, {words[0]} on average"
        return ", ".join(words) + (", by chance" if self.arrivals == "poisson" else "")


class Until(Value):
    """A window that ends when every answer is good again, or at the latest after `at_most`."""

    until: Literal["all_good"]
    at_most: Seconds
    good_in_a_row: Annotated[int, Field(ge=1, le=1000)] = 20


class UntilDetected(Value):
    """A window that ends when the change is noticed, or at the latest after `at_most`.

    Where the envelope is among what counts as noticing, it also waits until that is decided.
    """

    until: Literal["detected"]
    at_most: Seconds


class Requests(Value):
    """A window that ends after so many requests."""

    requests: Annotated[int, Field(ge=1, le=1_000_000)]


Window = Seconds | Requests | Until | UntilDetected


class Windows(Value):
    """The stretches of observation, in the order in which they follow each other.

    Where nothing is broken, `peak` (the load goes up) or `responded` (the response alone is
    rehearsed) stands for `faulted`. Where a fault is answered, `responded` follows `faulted`.
    """

    baseline: Seconds | Requests
    faulted: Seconds | Requests | UntilDetected | None = None
    peak: Seconds | Requests | None = None
    responded: Seconds | Requests | Until | None = None
    recovered: Seconds | Requests | Until

    @model_validator(mode="after")
    def _one_in_the_middle(self) -> Self:
        middle = sum(window is not None for window in (self.faulted, self.peak))
        if middle > 1 or (middle == 0 and self.responded is None):
            raise ValueError(
                "expected exactly one of faulted (the fault is there) and peak (nothing is "
                "broken, and the load goes up); a rehearsed response has responded alone"
            )
        if self.peak is not None and self.responded is not None:
            raise ValueError("nobody responds to a load that goes up; expected peak or responded")
        return self

    def in_order(self) -> tuple[tuple[str, Window], ...]:
        """Each with its name, the first one first."""
        named: tuple[tuple[str, Window | None], ...] = (
            ("baseline", self.baseline),
            ("faulted", self.faulted),
            ("peak", self.peak),
            ("responded", self.responded),
            ("recovered", self.recovered),
        )
        return tuple((name, window) for name, window in named if window is not None)


class Extensible(Value):
    """One entry whose further keys belong to the fault, check or step that its kind names."""

    # No example: that of a name would not be a kind.
    kind: Annotated[Name, Field(examples=[])]
    settings: dict[str, Any] = {}

    @model_validator(mode="before")
    @classmethod
    def _gather_settings(cls, raw: Any) -> Any:
        if not isinstance(raw, dict) or "settings" in raw:
            return raw
        known = {field.alias or name for name, field in cls.model_fields.items()}
        own = {key: raw[key] for key in raw if key in known}
        return {**own, "settings": {key: raw[key] for key in raw if key not in own}}


class FaultSpec(Extensible):
    """One fault as a drill file states it."""

    on: Resource
    scope: Scope = Scope.ALL

    @property
    def changes_component(self) -> bool:
        """Whether it goes through what keeps a component, which takes its time."""
        return self.on.startswith(COMPONENT)

    @property
    def shares(self) -> tuple[float, ...]:
        """Which share of the requests it touches: at first, and after each further step."""
        steps = self.settings.get("later", ())
        return (self.settings.get("share", 1.0), *(step["share"] for step in steps))

    @property
    def part(self) -> str:
        """The shares as a sentence says them: `25 %`, `0.8 % then 16 %`; '' for everything."""
        if self.shares == (1.0,):
            return ""
        return " then ".join(f"{100 * share:g} %" for share in self.shares)

    @property
    def traffic(self) -> str:
        """Whose traffic it touches, in a few words: `all traffic`, `25 % of the traffic`."""
        whose = "marked traffic" if self.scope is Scope.MARKED else "traffic"
        if not self.part:
            return whose if self.scope is Scope.MARKED else f"all {whose}"
        return f"{self.part} of the {whose}"


class CheckSpec(Extensible):
    """One check as a drill file states it."""


class StepSpec(Extensible):
    """One step of a response as a drill file states it."""

    model_config = {"populate_by_name": True, "serialize_by_alias": True}

    kind: Annotated[Name, Field(alias="step", examples=[])]
    on: Resource = "component/model"

    @property
    def changes_component(self) -> bool:
        return True

    @property
    def scope(self) -> Scope:
        """Whoever asks the system is served by what a step has changed."""
        return Scope.ALL

    @property
    def shares(self) -> tuple[float, ...]:
        return (1.0,)

    @property
    def words(self) -> str:
        """It in a few words: `pin_model on component/model, to previous`."""
        settings = "".join(f", {name} {value}" for name, value in self.settings.items())
        return f"{self.kind} on {self.on}{settings}"


class RespondWith(Value):
    """How a drill names a runbook as its response.

    via: `alert` where it starts once a matching alert has arrived; else as soon as the window
    faulted is over. inputs: of the runbook. people_within: people are waited for so long at the
    most, as the fault is there meanwhile; else as long as the runbook says. digest: of the runbook
    that is meant; another one is refused. changes_max: how many steps it may call on one way.
    Planning fills both in.
    """

    runbook: Annotated[str, Field(min_length=1, max_length=200, examples=["model-regressed"])]
    via: Literal["alert"] | None = None
    inputs: dict[str, str] = {}
    people_within: Seconds | None = None
    digest: Annotated[str, Field(max_length=64)] = ""
    changes_max: Annotated[int, Field(ge=0, le=100)] = 0


class Drill(Value):
    """A drill file."""

    drill: Name
    title: Sentence
    hypothesis: Sentence
    target: Name
    load: Load
    windows: Windows
    # None where the load's rise, or the rehearsed response, is what it does to the world.
    faults: tuple[FaultSpec, ...] = ()
    detect: Detect | None = None  # what counts as noticing that something has changed
    respond: tuple[StepSpec, ...] = ()  # while the fault is still there, in this order
    # Where a file says `respond: {runbook: NAME}`; planning puts the runbook's steps into respond.
    respond_with: RespondWith | None = None
    # `plan`: only what a plan names, one after the other, with the window responded after each.
    respond_by: Literal["order", "plan"] = "order"
    rehearse: Literal["rollback", "canary"] | None = None  # the response alone, without any fault
    lease: Seconds = 15.0
    abort_when: tuple[AbortCondition, ...] = ()
    expects: tuple[AlertName, ...] = ()  # the alerts that it may set off
    require_approval: bool = False
    checks: Annotated[tuple[CheckSpec, ...], Field(min_length=1)]

    @property
    def changed_components(self) -> tuple[str, ...]:
        """The components that its faults and steps change, each once: `component/corpus`."""
        broken = [fault.on for fault in self.faults if fault.changes_component]
        return tuple(dict.fromkeys([*broken, *(step.on for step in self.respond)]))

    @property
    def rolls_back(self) -> bool:
        """Whether what its steps set must then answer.

        What a canary gate is offered need not; nor is a plan there to put everything back.
        """
        return bool(self.respond) and self.rehearse != "canary" and not self.reverts_by_plan

    @property
    def reverts_by_plan(self) -> bool:
        """Whether its steps are what may be put back, and a plan says what is, and when."""
        return self.respond_by == "plan"

    @property
    def responses_max(self) -> int:
        """How often the window responded may be watched."""
        if self.respond_with is not None:
            return max(1, self.respond_with.changes_max)
        return len(self.respond) if self.reverts_by_plan else 1

    @property
    def waits_to_be_noticed(self) -> bool:
        """Whether nothing is done about the fault before it is noticed."""
        return isinstance(self.windows.faulted, UntilDetected)

    @property
    def looks_elsewhere(self) -> bool:
        """Whether it asks what others than its own samples say: alerts, or their figures."""
        return bool(self.expects) or any(
            spec.kind == "alerted"
            or (spec.kind == "slo" and spec.settings.get("name") not in OWN_NAMES)
            for spec in self.checks
        )

    @model_validator(mode="after")
    def _one_fault_per_resource(self) -> Self:
        resources = [fault.on for fault in self.faults]
        if len(set(resources)) != len(resources):
            raise ValueError("two faults on one resource would overlap; use one drill for each")
        changed = [step.on for step in self.respond]
        if len(set(changed)) != len(changed):
            raise ValueError("two steps on one component would undo each other; expected one")
        return self

    @model_validator(mode="after")
    def _control_is_untouched(self) -> Self:
        if self.load.control_share and (
            not self.faults or any(fault.scope is Scope.ALL for fault in self.faults)
        ):
            raise ValueError(
                "a control group needs faults that leave somebody alone (`scope: marked`, or "
                "`share` and sticky); one that a fault touches controls nothing"
            )
        return self

    @model_validator(mode="after")
    def _response_is_watched(self) -> Self:
        responds = bool(self.respond) or self.respond_with is not None
        if responds != (self.windows.responded is not None):
            raise ValueError(
                "a drill with steps under respond has the window responded, one without any has not"
            )
        if self.rehearse and not self.respond:
            raise ValueError(
                f"rehearse: {self.rehearse} needs the steps of the response under respond, such as "
                "{step: pin_model, to: previous}"
            )
        if self.rehearse and self.faults:
            raise ValueError(
                f"rehearse: {self.rehearse} breaks nothing; expected no faults, or respond alone"
            )
        return self

    @model_validator(mode="after")
    def _runbook_has_its_own_order(self) -> Self:
        if self.respond_with is None:
            return self
        if self.rehearse or self.reverts_by_plan or not self.faults:
            raise ValueError(
                "a runbook responds to a fault, in its own order; expected faults, and neither "
                "rehearse nor respond_by"
            )
        by_alert = self.detect is not None and self.detect.by == ("alert",)
        if self.respond_with.via == "alert" and not (by_alert and self.waits_to_be_noticed):
            raise ValueError(
                "via: alert waits for one: expected `windows.faulted: {until: detected, at_most: "
                "...}` and `detect: {by: [alert]}`"
            )
        return self

    @model_validator(mode="after")
    def _noticing_is_defined(self) -> Self:
        if self.waits_to_be_noticed and self.detect is None:
            raise ValueError(
                "faulted: {until: detected} needs detect, which says what counts as noticing it, "
                "such as `detect: {alpha: 0.01, margin: 0.10}`"
            )
        if self.detect is not None and self.windows.faulted is None:
            raise ValueError("detect looks for a change in the window faulted; there is none")
        return self

    @model_validator(mode="after")
    def _plan_has_something_to_go_by(self) -> Self:
        if not self.reverts_by_plan:
            return self
        if not self.faults or not self.respond:
            raise ValueError(
                "respond_by: plan puts edits back: expected faults, and steps for them"
            )
        if self.detect is None or "changed" not in self.detect.by:
            raise ValueError(
                "respond_by: plan goes by what the answers show: expected detect with its margin, "
                "and `changed` among what it is noticed by"
            )
        return self

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if bool(self.faults) != (self.windows.faulted is not None):
            raise ValueError(
                "a drill with faults has the window faulted, one without any the window peak, or "
                "responded where it rehearses a response"
            )
        if self.faults or self.rehearse:
            return self
        if self.respond or self.respond_with:
            raise ValueError("a response to nothing: add the fault, or say `rehearse: rollback`")
        if self.load.curve().rate_max <= self.load.rate:
            raise ValueError(
                f"nothing is broken and the load never goes up ({self.load.shape}): such a drill "
                "proves nothing; add a fault, or stages that go up"
            )
        return self
