"""The result document of a run: what `--json` prints and `result.json` holds."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from gameday.domain.component import Version
from gameday.domain.evidence import Kept
from gameday.domain.figure import Measure
from gameday.domain.redaction import RULES_VERSION
from gameday.domain.revert_plan import RevertPlan
from gameday.domain.rise import Rise
from gameday.domain.validity import Validity
from gameday.domain.value import Value
from gameday.domain.verdict import Held, Stop, Verdict
from gameday.domain.window import Window


class Percentiles(Value):
    """Nearest-rank percentiles; null where the window has no good answer."""

    p50: float | None
    p95: float | None
    p99: float | None


class WindowResult(Value):
    n: int
    errors: int
    seconds: float
    latency_ms: Percentiles
    ttft_ms: Percentiles
    cost_per_success: float | None = Field(
        description="US dollars of the answers' own usage; `costs` has what was wasted beside it"
    )
    quality: float | None
    unscored: int = Field(default=0, description="good answers that a scorer could not judge")
    attempts_per_request: float | None = Field(
        default=None, description="at providers, as the front door tells; null where it tells none"
    )
    served_by: dict[str, int]
    validity: Validity = Validity()

    @classmethod
    def of(cls, window: Window, validity: Validity) -> "WindowResult":
        at = (0.5, 0.95, 0.99)
        p50, p95, p99 = (window.latency_ms(q) for q in at)
        t50, t95, t99 = (window.ttft_ms(q) for q in at)
        return cls(
            n=len(window),
            errors=window.errors,
            seconds=window.seconds,
            latency_ms=Percentiles(p50=p50, p95=p95, p99=p99),
            ttft_ms=Percentiles(p50=t50, p95=t95, p99=t99),
            cost_per_success=window.cost_per_success_usd,
            quality=window.quality,
            unscored=window.unscored,
            attempts_per_request=window.attempts_per_request,
            served_by=window.served_by,
            validity=validity,
        )


class LoadResult(Value):
    """What became of every request that the schedule held.

    scheduled = sent + unsent + not_asked; sent = answered + failed + left.
    """

    generators: int = 1
    scheduled: int = 0
    sent: int = 0
    late: int = Field(default=0, description="of those sent: 10 ms or more after they were due")
    unsent: int = 0
    not_asked: int = Field(
        default=0, description="further turns of conversations that got no answer before"
    )
    answered: int = 0
    failed: int = 0
    left: int = Field(default=0, description="clients who hung up, or whom the load's end cut off")
    unaccounted: int = Field(
        default=0, description="ended by a generator's own account, and not among the samples"
    )
    validity: Validity = Validity()


class EvidenceResult(Value):
    kind: str
    count: int
    felt: bool
    sentence: str


class FaultResult(Value):
    id: str
    kind: str
    on: str
    evidence: EvidenceResult
    armed_at: datetime | None
    gone_at: datetime | None = Field(
        default=None, description="no longer in force: where a step had rolled it back, since then"
    )
    cleared_at: datetime | None = Field(description="verified as gone, by whoever cleared it")
    cleared_by: str | None
    cleared_because: str


class ComponentResult(Value):
    """One component that the run changed: what it stood at before, while it was changed, and after.

    Each is what its store calls it, and a digest that is equal where the content is.
    """

    on: str
    before: Version | None
    during: Version | None = Field(description="with the fault, or the step, in force")
    after: Version | None = Field(description="once everything was put back; null: not known")
    sentence: str


class CheckResult(Value):
    kind: str
    name: str
    held: Held
    reason: str
    measure: Measure | None = Field(
        default=None, description="the number that it goes by, against its objective"
    )


class StepResult(Value):
    """One step of the response: what it set, what became of it, and who put it back."""

    id: str
    kind: str
    on: str
    to: str
    before: str = Field(description="what was there before, and is put back")
    called_at: datetime | None
    answered_at: datetime | None
    failed: str = Field(description="why the mechanism said no, or nothing; empty: it said yes")
    unverified: str = Field(description="how it did not read back; empty where it did")
    cleared_at: datetime | None
    cleared_by: str | None
    cleared_because: str


class ItemResult(Value):
    """One item of the runbook that was the drill's response, as it was played."""

    item: str
    kind: str
    words: str
    asked_at: datetime
    decided_at: datetime | None = None
    called_at: datetime | None = None
    verified_at: datetime | None = None
    ended_at: datetime | None = None
    answer: str = ""
    reason: str = ""
    approved_by: tuple[str, ...] = ()
    leads_to: str = ""


class PlayResult(Value):
    """How that runbook was played. put_back: what it undid itself, while the fault was there."""

    runbook: str
    digest: str
    outcome: str = ""
    sentence: str = ""
    items: tuple[ItemResult, ...] = ()
    put_back: tuple[str, ...] = ()


class ResponseResult(Value):
    """The clock of the response; null where it did not happen or nobody can know.

    Where the drill states none, it is the system's own: a fallback.
    """

    injected_at: datetime | None = None
    detected_at: datetime | None = None
    decided_at: datetime | None = None
    called_at: datetime | None = None
    first_good_at: datetime | None = None
    all_good_at: datetime | None = None
    detected_by: str | None = Field(default=None, description="changed, envelope or alert")
    detection: str = Field(default="", description="how surely, in a sentence with its numbers")
    answers: int = Field(default=0, description="from the call on, until it was put back")
    bad: int = Field(default=0, description="of them: of another version, or none at all")
    plans: tuple[RevertPlan, ...] = Field(
        default=(), description="of what to put back: the first one, and one after each step"
    )
    steps: tuple[StepResult, ...] = ()
    play: PlayResult | None = Field(default=None, description="where it went by a runbook")


class RestoreResult(Value):
    requested_at: datetime | None = None
    effective_at: datetime | None = None
    last_bad_at: datetime | None = None
    seconds: float | None = Field(
        default=None, description="from effective_at to last_bad_at; 0 when nothing bad followed"
    )


class PageResult(Value):
    """What one of the usual burn-rate alerts would have made of the run."""

    severity: Literal["page", "ticket"]
    factor: float = Field(description="it fires while the burn rate is above, in both windows")
    short_s: int
    long_s: int
    fired_after_s: float | None = Field(description="from the fault on; null: would not have fired")
    burn_short_max: float
    burn_long_max: float
    needed_s: float | None = Field(
        description="how long such a fault would have to last; null: it would never fire"
    )
    sentence: str


class BudgetResult(Value):
    """What the run has cost of one objective's error budget of 30 days."""

    slo: str
    objective: float = Field(description="the share that must be good")
    bad: int
    total: int
    budget_spent: float = Field(description="a share of the budget, at the run's own traffic")
    burn_rate_at_fault: float = Field(description="while the fault was there")
    alerts: tuple[PageResult, ...]


class CostResult(Value):
    """What the requests of one window cost, or those of one feature or tenant in it.

    Attempts that no client got an answer by are known between two bounds; null: no upper one.
    """

    window: str
    label: str = Field(description="feature or tenant; empty: all of the window")
    value: str
    good: int
    passed: int
    undecided: int = Field(description="good answers of which nobody can tell if they passed")
    unpriced: tuple[str, ...] = Field(description="models without a price, which cost nothing here")
    usd_min: float
    usd_max: float | None
    wasted_usd_min: float
    wasted_usd_max: float | None
    per_success_usd_min: float | None
    per_success_usd_max: float | None


class ReadingResult(Value):
    """What another system answered for one part of an objective, in one window."""

    slo: str
    window: str
    part: str
    asked: str
    of: str
    at: datetime
    points: int
    first: float | None
    last: float | None
    no_data: str = Field(description="why it tells nothing; empty when it tells")
    raw: str = Field(description="the answer itself, cut")


class Artifacts(Value):
    """Paths of what the run left."""

    journal: str
    samples: str
    json_: str = Field(alias="json")
    markdown: str
    html: str
    bundle: str | None = Field(
        default=None, description="all of it in one signed zip; null: `signature` says why"
    )
    public_key: str | None = Field(default=None, description="to check the bundle with")

    model_config = {"populate_by_name": True, "serialize_by_alias": True}


class SignatureResult(Value):
    """Who vouches for the report, or why nobody does."""

    key: str = Field(default="", description="SHA-256 of the public key in DER")
    missing: str = Field(default="nobody was asked to sign", description="empty: it is signed")


class RedactionResult(Value):
    """By which rules text of others was redacted before it was stored."""

    version: int = Field(default=RULES_VERSION, description="of the rules for everybody")
    own: dict[str, str] = Field(default={}, description="the target's rules: name, pattern")
    excerpts: Kept = Field(default="some", description="of which answers a beginning was kept")


class Result(Value):
    """The result of one run."""

    run_id: str
    drill: str
    title: str
    hypothesis: str
    target: str
    environment: str
    verdict: Verdict
    reason: str
    exit_code: int
    started_at: datetime
    ended_at: datetime
    requested_by: str
    approved_by: str
    closed_by: str
    plan_digest: str
    windows: dict[str, WindowResult]
    control: dict[str, WindowResult] = Field(
        default={}, description="the same windows of the control group, which no fault touched"
    )
    load: LoadResult = LoadResult()
    hung_up: int = Field(
        default=0, description="clients who left early, as the drill told them to; in no window"
    )
    stop: Stop | None = Field(
        default=None, description="why it ended before its windows did, and which guard was met"
    )
    faults: tuple[FaultResult, ...]
    components: tuple[ComponentResult, ...] = Field(
        default=(), description="each that a fault or a step has changed"
    )
    rise: Rise | None = Field(
        default=None, description="of a drill that breaks nothing: how far its load went up"
    )
    checks: tuple[CheckResult, ...]
    response: ResponseResult
    summary: str = Field(
        default="", description="for on-call: what changed, what to do first, and what that did"
    )
    restore: RestoreResult
    costs: tuple[CostResult, ...] = ()
    budgets: tuple[BudgetResult, ...] = ()
    readings: tuple[ReadingResult, ...] = ()
    artifacts: Artifacts
    signature: SignatureResult = SignatureResult()
    redaction: RedactionResult = RedactionResult()

    @property
    def happened(self) -> bool:
        """Whether anything was done that its checks could judge."""
        return bool(self.faults or self.response.steps) or self.rise is not None
