"""Whether the pager rang: its whole way, where an alert gets stuck, and what nobody knows."""

from datetime import timedelta

import pytest

from gameday.checks.alerted import Alerted
from gameday.domain.alerts import Alerts, AlertState, Sighting, Stage
from gameday.domain.record import Restore
from tests.gameday.checks.staged import ARMED_AT, GONE_AT, RESTORE_AT, TARGET, planned, seen

NAME = "AssistantOnFallback"
FIRING, GONE, READ = AlertState.FIRING, AlertState.GONE, AlertState.READ
ALERTS = Alerts(
    prometheus="http://127.0.0.1:1", alertmanager="http://127.0.0.1:2", sink="http://127.0.0.1:3"
)
CHECK = Alerted(name=NAME, within="20s", delivered_to="pager", cleared_within="30s")
STAGES = {"prometheus": Stage.PROMETHEUS, "alertmanager": Stage.ALERTMANAGER, "sink": Stage.SINK}


def saw(after_s, stage, state, *receivers, detail="", alert=NAME):
    return Sighting(
        at=ARMED_AT + timedelta(seconds=after_s),
        stage=STAGES[stage],
        state=state,
        alert=alert,
        receivers=receivers,
        detail=detail,
    )


# Read from before the fault to long after it.
WATCHED = [saw(s, stage, READ, alert="") for s in (-15, 90) for stage in STAGES]
FIRED = saw(4, "prometheus", FIRING)
PASSED = saw(5, "alertmanager", FIRING, "pager")
DELIVERED = saw(6, "sink", FIRING, "pager")
CLEARED = saw(41, "prometheus", GONE)


def judged(*sightings, check=CHECK, watched=WATCHED, restore=True, alerts=ALERTS):
    run = seen(
        sightings=tuple(sorted((*watched, *sightings), key=lambda s: s.at)),
        target=TARGET.model_copy(update={"alerts": alerts}),
        restore=Restore(requested_at=RESTORE_AT, effective_at=GONE_AT) if restore else None,
    )
    return check.judge(run)


def test_it_rang_in_time_and_cleared():
    finding = judged(FIRED, PASSED, DELIVERED, CLEARED)
    assert finding.held == "yes"
    assert finding.reason == (
        "AssistantOnFallback fired in Prometheus after 4.0 s, passed Alertmanager after 5.0 s, was "
        "delivered to pager after 6.0 s (objective 20 s); it cleared 10.0 s after the fault was "
        "gone (objective 30 s)"
    )


@pytest.mark.parametrize(("after_s", "held"), [(20, "yes"), (20.01, "no")])
def test_the_whole_way_counts_not_only_its_beginning(after_s, held):
    finding = judged(FIRED, PASSED, saw(after_s, "sink", FIRING, "pager"), CLEARED)
    assert finding.held == held
    assert ("rang late, after 20.01 s" in finding.reason) == (held == "no")


@pytest.mark.parametrize(("after_s", "held"), [(31 + 30, "yes"), (31 + 30.01, "no")])
def test_it_must_clear_in_time_after_the_fault_is_gone(after_s, held):
    finding = judged(FIRED, PASSED, DELIVERED, saw(after_s, "prometheus", GONE))
    assert finding.held == held


def test_one_that_cleared_while_the_fault_was_there_has_cleared():
    assert judged(FIRED, PASSED, DELIVERED, saw(20, "prometheus", GONE)).held == "yes"


RULE = "its rule is inactive: sum(rate(wrong[5s])) > 0"


@pytest.mark.parametrize(
    ("sightings", "says"),
    [
        (
            [saw(29, "prometheus", AlertState.RULE, detail=RULE)],
            f"did not fire in Prometheus: {RULE}",
        ),
        ([], "did not fire in Prometheus: how its rule stands is not known"),
        ([saw(5, "prometheus", AlertState.PENDING)], "was pending and did not fire in Prometheus"),
        ([FIRED], "fired in Prometheus after 4.0 s, but it did not reach Alertmanager"),
        (
            [FIRED, saw(5, "alertmanager", AlertState.SUPPRESSED, "pager", detail="silence 1a2b")],
            "but Alertmanager held it back: silence 1a2b",
        ),
        (
            [FIRED, saw(5, "alertmanager", FIRING, "mail")],
            "but Alertmanager routes it to mail, not to pager",
        ),
        (
            [FIRED, PASSED],
            "after 5.0 s, but no notification reached pager: its route is muted or waits",
        ),
        ([FIRED, PASSED, saw(6, "sink", FIRING, "mail")], "but no notification reached pager"),
    ],
)
def test_it_says_where_it_got_stuck(sightings, says):
    finding = judged(*sightings)
    assert finding.held == "no"
    assert says in finding.reason
    assert finding.reason.endswith("(objective 20 s)")


def unread(after_s, stage):
    return saw(after_s, stage, AlertState.UNREAD, alert="", detail="no answer")


@pytest.mark.parametrize(
    ("sightings", "watched", "says"),
    [
        ([], [], "prometheus was not watched all of that time"),
        ([], WATCHED[:3], "prometheus was not watched all of that time"),
        ([unread(7, "prometheus")], WATCHED, "prometheus could not be read at 02:00:27: no answer"),
        ([FIRED, unread(7, "alertmanager")], WATCHED, "alertmanager could not be read"),
        ([FIRED, PASSED, unread(-2, "sink")], WATCHED, "sink could not be read"),
        ([saw(-3, "prometheus", FIRING)], WATCHED, "fired already when the fault came"),
    ],
)
def test_without_evidence_it_is_unknown(sightings, watched, says):
    finding = judged(*sightings, watched=watched)
    assert finding.held == "unknown"
    assert says in finding.reason


def test_what_was_read_again_before_the_fault_or_broke_after_it_does_not_matter():
    again = [unread(-9, "sink"), saw(-8, "sink", READ, alert=""), unread(21, "sink")]
    assert judged(*again, FIRED, PASSED).held == "no"


def test_that_it_cleared_needs_evidence_too():
    rang = (FIRED, PASSED, DELIVERED)
    assert "it did not clear" in judged(*rang).reason
    assert judged(*rang).held == "no"
    blind = judged(*rang, unread(50, "prometheus"))
    assert blind.held == "unknown"
    assert judged(*rang, restore=False).held == "unknown"


def test_no_more_is_asked_than_the_drill_says():
    silent = CHECK.model_copy(update={"delivered_to": None, "cleared_within": None})
    assert judged(FIRED, PASSED, check=silent).held == "yes"
    alone = Alerts(prometheus="http://127.0.0.1:1")
    assert judged(FIRED, check=silent, alerts=alone).held == "yes"


@pytest.mark.parametrize(
    ("windows", "alerts", "says"),
    [
        ({}, None, "the target has no `alerts:`"),
        ({}, Alerts(prometheus="http://127.0.0.1:1"), "delivered_to needs `alertmanager:`"),
        ({"faulted": 19.9}, ALERTS, "the faulted window must last at least 20 s"),
        ({"recovered": 29.0}, ALERTS, "the recovered window must last at least 30 s"),
        ({"faulted": 20.0, "recovered": 30.0}, ALERTS, ""),
    ],
)
def test_windows_and_target_must_be_able_to_tell(windows, alerts, says):
    target = TARGET.model_copy(update={"alerts": alerts})
    sentence = CHECK.cannot_decide(planned(target=target, **windows))
    assert sentence.startswith(says)
    assert bool(sentence) == bool(says)
