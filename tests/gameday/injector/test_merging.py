"""Several replicas read as one: sums, the widest span, and in force while any is."""

from datetime import UTC, datetime, timedelta

import pytest

from gameday.domain.gate import (
    Evidence,
    GateState,
    ListenerState,
    RuleState,
    Traffic,
    WatchState,
)
from gameday.injector.merging import merged_rule, merged_state, merged_watch

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def rule(ended: str = "", **evidence) -> RuleState:
    return RuleState(
        id="f1",
        listener="primary",
        kind="http_error",
        expires_in_s=0.0 if ended else 3.0,
        ended=ended,
        evidence=Evidence(**evidence),
    )


@pytest.mark.parametrize(
    ("rules", "ended"),
    [
        ([rule()], ""),
        ([rule("lease"), rule()], ""),
        ([None, rule()], ""),
        ([rule("cleared"), rule("lease")], "lease"),
        ([rule("cleared"), None], "cleared"),
    ],
)
def test_a_rule_is_in_force_while_any_replica_holds_it(rules, ended: str):
    assert merged_rule(rules).ended == ended
    assert merged_rule([None, None]) is None
    assert merged_rule([]) is None


def test_evidence_is_summed_over_the_widest_span():
    late = NOON + timedelta(seconds=9)
    first = rule(matches=3, hits=2, held=1, bytes=10, first_at=NOON, last_at=NOON)
    second = rule(matches=4, hits=4, bytes=5, first_at=late, last_at=late, request_ids=("r1",))
    assert merged_rule([first, second, rule()]).evidence == Evidence(
        matches=7, hits=6, held=1, bytes=15, first_at=NOON, last_at=late, request_ids=("r1",)
    )


def test_the_last_thousand_request_ids_are_kept():
    many = rule(request_ids=tuple(f"r{number}" for number in range(1000)))
    ids = merged_rule([many, many]).evidence.request_ids
    assert (len(ids), ids[0], ids[-1]) == (1000, "r0", "r999")


def state(boot: str, started_at: datetime, *rules: RuleState) -> GateState:
    listener = ListenerState(
        name="primary", listen="x:1", upstream="http://y", dialect="openai", requests=2, open=1
    )
    return GateState(boot=boot, started_at=started_at, listeners=(listener,), rules=rules)


def test_a_state_tells_every_boot_and_the_latest_start():
    later = NOON + timedelta(minutes=1)
    whole = merged_state([state("a", later, rule()), state("b", NOON, rule("cleared"))])
    assert (whole.boot, whole.started_at) == ("a b", later)
    (listener,) = whole.listeners
    assert (listener.requests, listener.open) == (4, 2)
    assert [(one.id, one.ended) for one in whole.rules] == [("f1", "")]


def test_traffic_is_summed_by_listener():
    one = WatchState(
        run_id="R", calls=2, traffic={"primary": Traffic(marked=1, unmarked=2, unmarked_ms=1.5)}
    )
    other = WatchState(
        run_id="R",
        calls=3,
        traffic={"primary": Traffic(marked=2, unmarked_bad=1), "secondary": Traffic(marked=7)},
    )
    assert merged_watch([one, other]) == WatchState(
        run_id="R",
        calls=5,
        traffic={
            "primary": Traffic(marked=3, unmarked=2, unmarked_bad=1, unmarked_ms=1.5),
            "secondary": Traffic(marked=7),
        },
    )
