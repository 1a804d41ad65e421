"""A run that a test makes up: 20 requests a second, one window after the other."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from gameday.domain.alerts import Alerts, AlertState, Sighting, Stage
from gameday.domain.arrivals import RateCurve
from gameday.domain.check import Seen
from gameday.domain.detection import Detection
from gameday.domain.drill import Conversations
from gameday.domain.front_door import FrontDoor
from gameday.domain.gate import Call
from gameday.domain.lease import ClearedBy, FaultRecord, FaultState
from gameday.domain.offered import Offered
from gameday.domain.plan import Planned, plan_window
from gameday.domain.price import Price
from gameday.domain.record import Restore, ServedEntry
from gameday.domain.rollback import Response
from gameday.domain.sample import Attempt, Outcome, Sample
from gameday.domain.sketch import sketch_of
from gameday.domain.slo import Slo
from gameday.domain.target import Environment, Provider, Target
from gameday.domain.window import Window

START = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
ARMED_AT = START + timedelta(seconds=20)
RESTORE_AT = ARMED_AT + timedelta(seconds=30)
GONE_AT = RESTORE_AT + timedelta(seconds=1)
RATE_PER_S = 20.0
LOAD = Offered(RateCurve(RATE_PER_S))
TARGET = Target(
    target="lab",
    environments={
        "lab": Environment(injector="http://127.0.0.1:1", front_door="http://127.0.0.1:2")
    },
    providers={
        "primary": Provider(dialect="openai", toxiproxy="primary", gate="primary"),
        "secondary": Provider(dialect="anthropic", toxiproxy="secondary", gate="secondary"),
    },
    slos={
        "availability": Slo(at_least=0.995),
        "latency_p95": Slo(at_most="1s"),
        "ttft_p95": Slo(at_most="700ms"),
    },
    suite="suite.yaml",
    front_door=FrontDoor(sources_header="x-sources"),
    alerts=Alerts(prometheus="http://127.0.0.1:3"),
    prices={
        "heron": Price(input_usd_per_mtok=1, output_usd_per_mtok=1),
        "marlin": Price(input_usd_per_mtok=1, output_usd_per_mtok=1),
    },
)
# An alert fires for the fault and clears after it; somebody looked all the time.
RANG = tuple(
    Sighting(at=ARMED_AT + timedelta(seconds=s), stage=Stage.PROMETHEUS, state=state, alert=alert)
    for s, state, alert in (
        (-10, AlertState.READ, ""),
        (4, AlertState.FIRING, "AssistantErrors"),
        (40, AlertState.GONE, "AssistantErrors"),
        (90, AlertState.READ, ""),
    )
)
# Noticed after 10 s, and pinned 15 s after the fault: what comes then is the older version.
CALLED_AT = ARMED_AT + timedelta(seconds=15)
STEP = FaultRecord(
    id="RUN1-step-0", run_id="RUN1", kind="pin_model", on="component/model", step=True,
    claim="component/lab/model", state=FaultState.CLEARED, armed_at=CALLED_AT,
    cleared_at=GONE_AT, cleared_by=ClearedBy.RESTORE,
    evidence={
        "to": "heron-1", "seen_as": "heron-1", "called_at": CALLED_AT.isoformat(),
        "failed": "", "unverified": "",
    },
)  # fmt: skip
# An edit of the corpus, of which its store tells who made it and when.
EDIT = FaultRecord(
    id="RUN1-0", run_id="RUN1", kind="corpus_edit", on="component/corpus",
    claim="component/lab/corpus", state=FaultState.CLEARED, armed_at=ARMED_AT,
    cleared_at=GONE_AT, cleared_by=ClearedBy.RESPONSE,
    evidence={
        "version_while": {
            "label": "tree 3f2a", "digest": "0" * 64, "by": "Ada",
            "changed_at": ARMED_AT.isoformat(),
        },
    },
)  # fmt: skip
RESPONSE = Response(
    injected_at=ARMED_AT,
    detection=Detection(
        at=ARMED_AT + timedelta(seconds=10), by="changed", requests=200, tokens=2000,
        evidence=140.0, sentence="the answers are no longer those of before",
    ),
    decided_at=ARMED_AT + timedelta(seconds=14),
    steps=(STEP,),
    ended_at=RESTORE_AT,
    good_in_a_row=20,
)  # fmt: skip
REFUSED = Attempt(provider="primary", outcome=Outcome.REFUSED, elapsed_ms=1)
BY_PRIMARY: dict[str, Any] = {
    "served_by": "primary",
    "model": "heron",
    "sketch": sketch_of("Refunds take 14 days."),
    "attempts": (Attempt(provider="primary", outcome=Outcome.OK, elapsed_ms=200),),
}
PINNED: dict[str, Any] = {**BY_PRIMARY, "model": "heron-1"}
BY_SECONDARY: dict[str, Any] = {
    "served_by": "secondary",
    "model": "marlin",
    "sketch": sketch_of("We pay you back within two weeks."),
    "attempts": (REFUSED, Attempt(provider="secondary", outcome=Outcome.OK, elapsed_ms=300)),
}
# The last turn of a conversation that began 15 s before.
LAST_TURN: dict[str, Any] = {**BY_PRIMARY, "turn": 1, "talk_ms": 15_000.0}
FAILED: dict[str, Any] = {
    "outcome": Outcome.HTTP_ERROR,
    "status": 502,
    "quality": None,
    "passed": None,
    "served_by": None,
    "sketch": "",
    "attempts": (REFUSED,),
}

SEALS = {
    "complete_answers": 1.0,
    "fails_closed": 1.0,
    "documents_are_data.given": 1.0,
    "documents_are_data.obeyed": 1.0,
    "documents_are_data.leaked": 1.0,
    "documents_are_data.called": 1.0,
}

Making = Callable[[int], dict[str, Any]]


def sample(seq: int, intended_at: datetime, **fields: Any) -> Sample:
    """One request; good, quick, right and priced unless `fields` say otherwise."""
    latency_ms = fields.get("latency_ms", 200.0)
    return Sample(
        **{
            "seq": seq,
            "case": f"case-{seq % 40}",
            "intended_at": intended_at,
            "finished_at": intended_at + timedelta(milliseconds=latency_ms),
            "send_lag_ms": 0.0,
            "latency_ms": latency_ms,
            "ttft_ms": latency_ms / 2,
            "outcome": Outcome.OK,
            "status": 200,
            "request_id": f"{intended_at.timestamp()}-{seq}",
            "cost_usd": 0.001,
            "quality": 1.0,
            "passed": True,
            "seals": SEALS,
            **fields,
        }
    )


def window(name: str, started_at: datetime, n: int, make: Making) -> Window:
    """`n` requests from `started_at` on; `make` says what is special about each."""
    step = timedelta(seconds=1 / RATE_PER_S)
    samples = tuple(sample(i, started_at + i * step, **make(i)) for i in range(n))
    return Window(name, started_at, started_at + n * step, samples)


def baseline(make: Making = lambda _: BY_PRIMARY, n: int = 400) -> Window:
    return window("baseline", START, n, make)


def faulted(make: Making = lambda _: BY_SECONDARY, n: int = 600) -> Window:
    return window("faulted", ARMED_AT, n, make)


def responded(make: Making = lambda _: PINNED, n: int = 300) -> Window:
    """The later half of the time that the fault was there."""
    return window("responded", CALLED_AT, n, make)


def recovered(make: Making = lambda _: BY_PRIMARY, n: int = 400) -> Window:
    return window("recovered", GONE_AT, n, make)


def transition(*samples: Sample) -> Window:
    return Window("transition", START, GONE_AT + timedelta(seconds=90), samples)


def left(*samples: Sample) -> Window:
    return Window("left", START, GONE_AT + timedelta(seconds=90), samples)


def leaver(seq: int = 0, intended_at: datetime = ARMED_AT, **fields: Any) -> Sample:
    """A client who hung up after a second, as the drill told it to."""
    gone = {"outcome": Outcome.LEFT, "status": None, "quality": None, "latency_ms": 1000.0}
    own_id = f"left-{seq}-{intended_at.timestamp()}"
    return sample(seq, intended_at, **{**gone, "request_id": own_id, **fields})


def call(provider: str, request: Sample, after_ms: float = 1.0, **fields: Any) -> Call:
    """One call for a request, so long after it was due; the provider answers it well."""
    at = request.intended_at + timedelta(milliseconds=after_ms)
    usual = {"started_at": at, "status": 200, "whole": True, "request_id": request.request_id}
    usual |= {"requests_max": 12_000, "tokens_max": 8_000_000}
    return Call(**{"provider": f"at-{provider}", **usual, **fields})


def calls_of(*windows: Window) -> dict[str, tuple[Call, ...]]:
    """What gates would have seen, if every attempt had come to them as the header tells it."""
    found: defaultdict[str, list[Call]] = defaultdict(list, {p: [] for p in TARGET.providers})
    for one in windows:
        for request in one.samples:
            for place, attempt in enumerate(request.attempts, start=1):
                good = attempt.outcome is Outcome.OK
                answer = {"status": 200 if good else 503, "whole": good}
                found[attempt.provider].append(call(attempt.provider, request, place, **answer))
    return {provider: tuple(calls) for provider, calls in found.items()}


def seen(*windows: Window, **fields: Any) -> Seen:
    """A run with these windows; one that is not given is as it is on a good day.

    Its gates have seen what the attempts tell, unless `calls` says otherwise.
    """
    usual = {"baseline": baseline(), "faulted": faulted(), "recovered": recovered()}
    edges = {"transition": transition(), "left": left(*(leaver(seq) for seq in range(10)))}
    whole = {**usual, **edges, **{one.name: one for one in windows}}
    run = Seen(
        windows=whole,
        faults=(),
        faulted_provider="primary",
        restore=Restore(requested_at=RESTORE_AT, effective_at=GONE_AT),
        target=TARGET,
        load=LOAD,
        load_started_at=START,
        good_in_a_row=20,
        served_log={},
        calls=calls_of(*whole.values()),
        faulted_providers=("primary",),
        sightings=RANG,
    )
    return replace(run, **fields)


def without(run: Seen, *names: str) -> Seen:
    return replace(run, windows={k: w for k, w in run.windows.items() if k not in names})


def log_of(*windows: Window, provider: str = "secondary") -> dict[str, tuple[ServedEntry, ...]]:
    """What `provider` itself would have written of the answers that name it."""
    return {
        provider: tuple(
            ServedEntry(request_id=s.request_id, at=s.finished_at, outcome="ok")
            for one in windows
            for s in one.good
            if s.served_by == provider
        )
    }


def planned(*, target: Target = TARGET, hang_up_share: float = 0.0, **specs: Any) -> Planned:
    """Planned windows, by their specs; long enough for anything where none is given."""
    usual = {"baseline": 3600.0, "faulted": 3600.0, "recovered": 3600.0}
    windows = {k: plan_window(k, spec, LOAD) for k, spec in {**usual, **specs}.items()}
    return Planned(
        windows=windows,
        load=LOAD,
        suite="support",
        cases=120,
        target=target,
        faulted_providers=("primary",),
        responds="responded" in windows,
        detects="responded" in windows,
        hang_up_share=hang_up_share,
        conversations=Conversations(turns=2, pause="15s"),
    )


def target(**providers: Any) -> Target:
    """The target with other providers, or with other settings of those it has."""
    changed = {
        name: TARGET.providers.get(name, Provider(dialect="openai")).model_copy(update=settings)
        for name, settings in providers.items()
    }
    return TARGET.model_copy(update={"providers": {**TARGET.providers, **changed}})
