"""Readiness decays by the quarter, falls with a failure, and what was never tried has a name."""

from datetime import UTC, datetime, timedelta

import pytest

from gameday.catalog.kinds import faults
from gameday.domain.history import HistoryRow, Rehearsed
from gameday.domain.readiness import HALF_LIFE_DAYS, Scenario, find_coverage, scenarios_of
from gameday.domain.target import Target
from gameday.domain.verdict import Verdict

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
KINDS = dict(faults.kinds())
DARK = Scenario(kind="connection_refused", on="provider/primary")


def target(**changes):
    return Target.model_validate(
        {
            "target": "shop",
            "environments": {
                "staging": {"injector": "http://127.0.0.1:8470", "front_door": "http://h/v1"}
            },
            "providers": {
                "primary": {"dialect": "openai", "toxiproxy": "primary", "gate": "primary"},
                "secondary": {"dialect": "anthropic", "toxiproxy": "secondary"},
            },
            "suite": "suite.yaml",
            **changes,
        }
    )


def row(days, *rehearsed, verdict=Verdict.PASSED, felt=True, environment="staging"):
    ended_at = NOW - timedelta(days=days)
    return HistoryRow(
        run_id=f"R{days}", drill="provider-outage", title="t", target="shop",
        environment=environment, verdict=verdict, reason="r",
        started_at=ended_at - timedelta(minutes=2), ended_at=ended_at, requested_by="ana",
        approved_by="", closed_by="workflow", plan_digest="p", drill_digest="d", target_digest="t",
        rehearsed=tuple(
            Rehearsed(kind=one.kind, on=one.on, felt=felt) for one in rehearsed or (DARK,)
        ),
        folder=f"/runs/R{days}",
    )  # fmt: skip


def coverage(*rows, of=None):
    return find_coverage(of or target(), "staging", KINDS, rows, NOW)


def ready(*rows):
    found = coverage(*rows).scenarios
    return next(one for one in found if one.scenario == DARK)


def test_what_was_never_rehearsed_is_never():
    found = coverage()
    assert {one.state for one in found.scenarios} == {"never"}
    assert found.never_places == ("provider/primary", "provider/secondary")
    assert "connection_refused" in found.never_kinds
    assert found.sentence == (
        f"ready for 0 of {len(found.scenarios)} scenarios; 0 were ever rehearsed; 2 things of the "
        "target never were"
    )


@pytest.mark.parametrize(
    ("days", "score", "state"),
    [
        (0, 1.0, "ready"),
        (HALF_LIFE_DAYS, 0.5, "ready"),
        (HALF_LIFE_DAYS + 1, 0.496, "fading"),
        (2 * HALF_LIFE_DAYS, 0.25, "fading"),
    ],
)
def test_it_halves_with_every_quarter_without_a_rehearsal(days, score, state):
    found = ready(row(days))
    assert (found.score, found.state) == (score, state)
    assert found.age_days == days


def test_the_last_rehearsal_counts_and_not_the_first():
    assert ready(row(300), row(10)).last_run == "R10"
    assert ready(row(10), row(300)).last_run == "R10"


def test_a_failure_ends_it_until_a_run_passes():
    failed = ready(row(30), row(5, verdict=Verdict.FAILED))
    assert (failed.state, failed.score) == ("failed", 0.0)
    assert failed.sentence == (
        "provider-outage failed 5 days ago (run R5), and has not passed since"
    )
    assert ready(row(5, verdict=Verdict.FAILED), row(1)).state == "ready"


@pytest.mark.parametrize(
    "verdict", [Verdict.INCONCLUSIVE, Verdict.ABORTED, Verdict.REFUSED, Verdict.DIRTY]
)
def test_a_run_that_came_to_no_end_shows_nothing(verdict):
    assert ready(row(1, verdict=verdict)).state == "never"
    assert ready(row(30), row(1, verdict=verdict)).last_run == "R30"


def test_a_fault_that_was_not_felt_shows_nothing():
    assert ready(row(1, felt=False)).state == "never"


def test_another_environment_shows_nothing_of_this_one():
    assert ready(row(1, environment="lab")).state == "never"


def test_a_scenario_is_a_fault_on_a_thing_that_has_what_it_needs():
    on = {place: set() for place in ("provider/primary", "provider/secondary", "inputs/load")}
    for one in scenarios_of(target(), KINDS):
        on[one.on].add(one.kind)
    assert "rate_limit" in on["provider/primary"]  # which has a gate
    assert "rate_limit" not in on["provider/secondary"]
    assert "connection_refused" in on["provider/secondary"]
    assert on["inputs/load"] == {"input_shift"}


def test_components_and_tools_have_their_own_scenarios():
    described = target(
        tools={"orders": {"gate": "orders"}},
        components={"prompt": {"backend": "files", "folder": "prompts"}},
    )
    found = {one.words for one in scenarios_of(described, KINDS)}
    assert "tool_contract_change on tool/orders" in found
    assert "prompt_edit on component/prompt" in found
    assert "corpus_edit on component/prompt" not in found
    assert coverage(of=described).never_places[2:] == ("tool/orders", "component/prompt")


def test_a_rehearsed_step_of_a_response_is_a_scenario_too_and_its_component_covered():
    described = target(components={"model": {"backend": "files", "folder": "models"}})
    pinned = Scenario(kind="pin_model", on="component/model")
    found = coverage(row(3, pinned), of=described)
    assert [one.scenario for one in found.rehearsed] == [pinned]
    assert "component/model" not in found.never_places


def test_what_the_target_no_longer_has_is_not_told():
    gone = Scenario(kind="connection_refused", on="provider/third")
    assert coverage(row(3, gone)).rehearsed == ()


def test_the_least_ready_comes_first():
    other = Scenario(kind="latency", on="provider/secondary")
    found = coverage(row(1), row(100, other))
    assert [one.scenario for one in found.rehearsed] == [other, DARK]
