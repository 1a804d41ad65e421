"""The plan: windows, worst case and digest."""

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from typing import Any

import pytest
from pydantic import BaseModel

from gameday.catalog.files import find_drill, load_drill
from gameday.domain.arrivals import RateCurve
from gameday.domain.component import Component
from gameday.domain.drill import Conversations, Drill, Requests, Until, UntilDetected
from gameday.domain.offered import Offered
from gameday.domain.plan import PlannedWindow, make_plan, plan_window, plan_windows
from gameday.domain.plan import digest as digest_of
from tests.gameday.checks.staged import TARGET, planned
from tests.gameday.reporting.runs import make_drill


@pytest.fixture
def drill() -> Drill:
    return load_drill(find_drill("provider-outage"))


@pytest.mark.parametrize(
    ("spec", "seconds_max", "requests_min", "watched_s"),
    [
        (30.0, 30.0, 600, 30.0),
        (Requests(requests=100), 7.0, 100, 5.0),
        (Until(until="all_good", at_most="90s", good_in_a_row=30), 90.0, 30, 90.0),
        (UntilDetected(until="detected", at_most="40s"), 40.0, 1, 40.0),
    ],
    ids=str,
)
def test_windows(spec, seconds_max, requests_min, watched_s):
    window = plan_window("faulted", spec, Offered(RateCurve(20.0)))
    assert (window.seconds_max, window.requests_min) == (seconds_max, requests_min)
    assert window.seconds_watched == watched_s


def test_a_window_that_is_ended_by_notice_may_have_few_requests_or_all():
    run = planned(faulted=UntilDetected(until="detected", at_most="6s"))
    assert "the faulted window has 1 requests" in run.too_few("faulted", 100)
    assert run.too_few("faulted", 100, unnoticed=True) == ""
    assert "the faulted window has 120 requests" in run.too_few("faulted", 101, unnoticed=True)


def talking(drill: Drill, turns: int, **windows: Any) -> tuple[PlannedWindow, ...]:
    """The windows of a load of 20/s whose conversations have pauses of 10 s."""
    talks = {"conversations": Conversations(turns=turns, pause="10s")}
    changed = {
        "load": drill.load.model_copy(update=talks),
        "windows": drill.windows.model_copy(update=windows),
    }
    return plan_windows(drill.model_copy(update=changed))


@pytest.mark.parametrize(
    ("turns", "baseline_s", "fewer"),
    [
        (2, 5.0, 50),  # first turns alone
        (2, 20.0, 100),  # half of them, for 10 s
        (3, 20.0, 200),  # a third for 10 s, then two thirds for 10 s
        (3, 40.0, 200),
    ],
)
def test_the_first_pauses_of_conversations_have_fewer_requests(drill, turns, baseline_s, fewer):
    baseline, _, _ = talking(drill, turns, baseline=baseline_s)
    assert baseline.requests_min == 20 * baseline_s - fewer


def test_later_windows_have_what_the_first_pauses_leave_them(drill):
    for baseline_s, fewer in ((5.0, 50), (10.0, 0)):
        _, faulted, _ = talking(drill, 2, baseline=baseline_s, faulted=30.0)
        assert faulted.requests_min == 20 * 30 - fewer


def test_a_window_of_so_many_requests_takes_longer_in_conversations(drill):
    baseline, _, _ = talking(drill, 2, baseline=Requests(requests=400))
    assert (baseline.requests_min, baseline.seconds_max) == (400, 22.0 + 5.0)


def test_an_unnoticed_change_has_fewer_requests_to_be_noticed_by(drill):
    until = UntilDetected(until="detected", at_most="20s")
    _, faulted, recovered = talking(drill, 2, baseline=5.0, faulted=until)
    assert (faulted.requests_min, faulted.requests_unnoticed) == (1, 400 - 50)
    assert recovered == plan_windows(drill)[2].model_copy(
        update={name: getattr(recovered, name) for name in ("begins_s_min", "begins_s_max")}
    )


def test_requests_at_the_edges_are_not_counted():
    assert planned(faulted=6.0).too_few("faulted", 100) == ""
    assert planned(faulted=5.9).too_few("faulted", 100) == (
        "needs 100 requests beside those in flight at its edges, so 6 s at 20/s; "
        "the faulted window has 118 requests"
    )


def test_clients_that_hang_up_decide_nothing():
    impatient = replace(planned(faulted=6.0), hang_up_share=0.2)
    assert impatient.too_few("faulted", 80) == ""
    assert impatient.too_few("faulted", 81) == (
        "needs 81 requests beside those in flight at its edges, so 6.1 s at 20/s; "
        "the faulted window has 120 requests, of which 20% hang up"
    )


def test_the_worst_case(drill):
    plan = make_plan(drill, TARGET, "lab")
    assert plan.faults == ("connection_refused on provider/primary, all traffic",)
    assert plan.fault_seconds_max == 40.0
    assert plan.seconds_max == 150.0
    assert plan.requests_max == 3000
    assert plan.radius == (
        "every request at provider/primary, not only the drill's own; all of lab/lab"
    )
    assert "secondary may have to answer for it" in plan.radius_response
    assert plan.window("baseline").requests_min == 400


def changed(value: Any) -> Iterator[Any]:
    """Copies of `value` that differ from it in one leaf each."""
    match value:
        case BaseModel():
            for name in type(value).model_fields:
                for other in changed(getattr(value, name)):
                    yield value.model_copy(update={name: other})
        case dict():
            yield {**value, "added": "x"}
            for key, inner in value.items():
                yield from ({**value, key: other} for other in changed(inner))
        case tuple():
            yield value[:-1] if value else ("x",)
            for place, inner in enumerate(value):
                for other in changed(inner):
                    yield (*value[:place], other, *value[place + 1 :])
        case _:
            yield changed_leaf(value)


def changed_leaf(value: Any) -> Any:
    match value:
        case StrEnum():
            return next(member for member in type(value) if member is not value)
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return f"{value}x"
    assert value is None
    return 7.5  # some numbers and some names may be left out; either is written as it is


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
def test_the_digest_changes_with_every_field(drill):
    """An approval is bound to it: whatever is changed afterwards needs an approval of its own."""
    digest = make_plan(drill, TARGET, "staging").digest
    drills, targets = list(changed(drill)), list(changed(TARGET))
    assert len(drills) > 40
    assert len(targets) > 20
    digests = [make_plan(drill, TARGET, "production").digest]
    digests += [digest_of(other, TARGET, "staging") for other in drills]
    digests += [digest_of(drill, other, "staging") for other in targets]
    assert digest not in digests
    assert len(set(digests)) == len(digests)


def test_the_digest_is_of_the_drill_and_the_target(drill):
    digest = make_plan(drill, TARGET, "lab").digest
    assert make_plan(drill, TARGET, "lab").digest == digest
    again = Drill.model_validate_json(drill.model_dump_json())
    assert make_plan(again, TARGET, "lab").digest == digest
    other = drill.model_copy(update={"lease": 14.0})
    assert make_plan(other, TARGET, "lab").digest != digest
    elsewhere = TARGET.model_copy(update={"suite": "other.yaml"})
    assert make_plan(drill, elsewhere, "lab").digest != digest


def rising(drill: Drill, arrivals: str = "even") -> Drill:
    """20/s for 30 s, then up to 60/s within 20 s."""
    stages = ({"to": "20/s", "over": "30s"}, {"to": "60/s", "over": "20s"})
    load = drill.load.model_dump() | {"stages": stages, "arrivals": arrivals}
    return Drill.model_validate(drill.model_dump() | {"load": load})


def test_a_window_has_what_the_load_gives_it_wherever_it_begins(drill):
    windows = {window.name: window for window in make_plan(rising(drill), TARGET, "lab").windows}
    assert windows["baseline"].requests_min == 400
    assert (windows["faulted"].begins_s_min, windows["faulted"].begins_s_max) == (20.0, 25.0)
    assert windows["faulted"].requests_min == 20 * 10 + 40 * 20  # from 20 s, not from 25 s
    assert (windows["recovered"].begins_s_min, windows["recovered"].begins_s_max) == (50.0, 60.0)


def test_the_worst_case_of_a_rising_load_is_the_area_under_it(drill):
    even, by_chance = (make_plan(rising(drill, a), TARGET, "lab") for a in ("even", "poisson"))
    assert even.requests_max == 20 * 30 + 40 * 20 + 60 * 100
    assert by_chance.requests_max == int((even.requests_max**0.5 + 2) ** 2)
    assert by_chance.window("faulted").requests_min < even.window("faulted").requests_min


def test_what_is_too_few_is_told_with_both_rates(drill):
    windows = {window.name: window for window in make_plan(rising(drill), TARGET, "lab").windows}
    run = replace(planned(), windows=windows, load=rising(drill).load.offered())
    assert run.too_few("faulted", 940) == ""
    assert run.too_few("faulted", 941) == (
        "needs 941 requests beside those in flight at its edges, so 30.1 s at 20/s to 60/s; "
        "the faulted window has 1000 requests"
    )
    assert run.seconds_for("recovered", 60, after_s=10.0) == 11.0


def test_the_shape_of_a_load_in_words(drill):
    assert rising(drill).load.shape == "20/s, 20/s for 30 s, to 60/s over 20 s"
    assert rising(drill, "poisson").load.shape.endswith(", by chance")
    assert drill.load.shape == "20/s"


def test_the_requests_of_a_control_group_are_planned(drill):
    alone = make_plan(drill, TARGET, "lab")
    load = drill.load.model_copy(update={"control": 10.0})
    beside = make_plan(drill.model_copy(update={"load": load}), TARGET, "lab")
    assert beside.requests_max == alone.requests_max * 3 // 2
    assert [one.requests_min for one in beside.windows] == [
        one.requests_min for one in alone.windows
    ]


PIN = {"step": "pin_model", "to": "previous"}
ANSWERED = {"baseline": "20s", "faulted": "20s", "responded": "30s", "recovered": "20s"}


def with_model(target):
    model = Component.model_validate({"backend": "http", "previous": "answers-2026-07"})
    return target.model_copy(update={"components": {"model": model}})


def test_a_response_lengthens_the_life_of_the_fault():
    drill = make_drill(respond=[PIN], windows=ANSWERED)
    plan = make_plan(drill, with_model(TARGET), "lab")
    assert plan.response == ("pin_model on component/model, to previous (answers-2026-07)",)
    assert plan.fault_seconds_max == 20 + 30 + 3 * 5
    assert plan.seconds_max == 90 + 3 * 5
    assert plan.radius_response.endswith(
        "everybody whom lab serves gets what the response sets (component/model)"
    )


def test_a_rehearsal_breaks_nothing_and_has_a_deadline_all_the_same():
    windows = {name: length for name, length in ANSWERED.items() if name != "faulted"}
    drill = make_drill(respond=[PIN], rehearse="rollback", windows=windows, faults=[])
    plan = make_plan(drill, TARGET, "lab")
    assert (plan.faults, plan.fault_seconds_max) == ((), 30 + 3 * 5)
    assert plan.response == ("pin_model on component/model, to previous",)
    assert plan.radius.startswith("nothing is broken; everybody whom lab serves gets what")


def test_a_response_by_plan_may_be_watched_once_for_each_step():
    steps = [PIN, {"step": "offer_model", "on": "component/gateway", "to": "x"}]
    drill = make_drill(
        respond=steps, respond_by="plan", windows=ANSWERED, detect={"by": ["changed"]}
    )
    plan = make_plan(drill, with_model(TARGET), "lab")
    assert plan.fault_seconds_max == 20 + 2 * 30 + 4 * 5
    assert plan.seconds_max == 90 + 30 + 4 * 5
    in_order = make_plan(make_drill(respond=steps, windows=ANSWERED), with_model(TARGET), "lab")
    late = plan.window("recovered").begins_s_max - in_order.window("recovered").begins_s_max
    assert late == 30 + 5
