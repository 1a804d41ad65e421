"""What a drill needs of its target before it may be planned."""

from pathlib import Path

import pytest

from gameday.cli.planning import prepare, request_for
from gameday.cli.screen import plan_sentence
from gameday.domain.errors import FileError
from gameday.domain.record import injections

SUITE = """
suite: support
cases:
  - {case: one, question: "How long?", scorers: [{kind: contains, any: ["30 days"]}]}
"""
TARGET = """
target: lab
environments: {lab: {injector: "http://127.0.0.1:1", front_door: "http://127.0.0.1:2/v1"}}
front_door: {model: m%MARKER%}
providers:
  primary: {dialect: openai%PRIMARY%}
  secondary: {dialect: anthropic, gate: second, toxiproxy: second}
tools: {orders: {gate: orders, openapi: "http://127.0.0.1:3/openapi.json"}, loose: {}}
verifiers: {policy: {gate: policy}}
suite: suite.yaml
slos: {availability: {at_least: 0.9}}
"""
DRILL = """
drill: d
title: A drill.
hypothesis: It holds.
target: lab
load: {rate: 20/s, suite: support%LOAD%}%GUARD%
windows: {baseline: 20s, faulted: 20s, recovered: 20s}
faults: [{%FAULT%, on: provider/primary}]
checks: [{kind: slo, name: availability}]
"""


@pytest.fixture
def planned(tmp_path):
    def plan(
        fault,
        primary=", gate: first",
        marker="",
        load="",
        guard="",
        on="provider/primary",
        check="kind: slo, name: availability",
    ):
        (tmp_path / "suite.yaml").write_text(SUITE)
        target = TARGET.replace("%PRIMARY%", primary).replace("%MARKER%", marker)
        (tmp_path / "gameday.yaml").write_text(target)
        drill = DRILL.replace("%FAULT%", fault).replace("%LOAD%", load)
        drill = drill.replace("on: provider/primary", f"on: {on}")
        drill = drill.replace("kind: slo, name: availability", check)
        drill = drill.replace("%GUARD%", f"\nabort_when: [{guard}]" if guard else "")
        (tmp_path / "d.yaml").write_text(drill)
        return prepare(str(tmp_path / "d.yaml"), [], tmp_path / "gameday.yaml", None)

    return plan


def test_a_gate_fault_needs_the_gate_and_a_connection_fault_toxiproxy(planned):
    assert planned("kind: slow_first_token, latency_ms: 1000").plan.faults
    with pytest.raises(FileError, match=r"behind Toxiproxy \(it has: secondary\)") as refused:
        planned("kind: connection_refused")
    assert "add `toxiproxy:`" in refused.value.next_step
    with pytest.raises(FileError, match=r"behind a gate's listener \(it has: secondary\)") as no:
        planned("kind: slow_first_token, latency_ms: 1000", primary=", toxiproxy: first")
    assert "add `gate:`" in no.value.next_step


RENAMED = "kind: tool_contract_change, how: renamed, field: status, to: state"


def test_a_tool_and_a_verifier_are_broken_at_their_own_listeners(planned):
    prepared = planned(RENAMED, on="tool/orders")
    request = request_for(prepared, Path("runs"), "me")
    assert [one.address for one in injections(request)] == [{"gate": "orders"}]
    assert prepared.plan.radius.startswith("every request at tool/orders, not only the drill's")
    down = planned("kind: verifier_fault, how: down", on="verifier/policy")
    assert down.plan.faults == ("verifier_fault on verifier/policy, all traffic",)
    for on in ("tool/loose", "tool/nobody"):
        with pytest.raises(FileError, match=r"behind a gate's listener \(it has: orders\)") as no:
            planned(RENAMED, on=on)
        assert "add `gate:` to that tool" in no.value.next_step


@pytest.mark.parametrize(
    ("fault", "on", "belongs"),
    [
        (RENAMED, "provider/primary", "tool/NAME"),
        ("kind: verifier_fault, how: down", "tool/orders", "verifier/NAME"),
        ("kind: http_error", "tool/orders", "provider/NAME"),
    ],
)
def test_a_fault_on_what_it_cannot_be_on_is_refused(planned, fault, on, belongs):
    with pytest.raises(FileError, match=rf"is for {belongs}, found \"{on}\""):
        planned(fault, on=on)


@pytest.mark.parametrize(
    "check",
    ["kind: fallback, to: secondary, within: 2s", "kind: fails_back, within: 5s"],
)
def test_what_judges_a_provider_s_failure_is_refused_where_none_is_broken(planned, check):
    with pytest.raises(FileError, match="this drill breaks none"):
        planned(RENAMED, on="tool/orders", check=check)
    with pytest.raises(FileError, match="name `provider`"):
        planned(RENAMED, on="tool/orders", check="kind: amplification, at_most: 1.2")


def test_what_judges_any_fault_judges_that_of_a_tool(planned):
    check = "kind: recovered_within, objective: 10s"
    assert planned(RENAMED, on="tool/orders", check=check).plan.faults


def test_a_fault_for_marked_requests_needs_a_marker(planned):
    with pytest.raises(FileError, match="does not say how they are marked") as refused:
        planned("kind: slow_first_token, latency_ms: 1000, scope: marked")
    assert "marker: {header: x-gameday}" in refused.value.next_step
    plan = planned(
        "kind: slow_first_token, latency_ms: 1000, scope: marked",
        marker=", marker: {header: x-mine}",
    ).plan
    assert plan.radius.startswith("only requests marked x-mine: RUN at provider/primary")
    assert "watched: unmarked traffic at 2 gates" in plan.radius_response


def test_whose_clients_hang_up_is_part_of_the_plan(planned):
    prepared = planned(
        "kind: slow_first_token, latency_ms: 1000", load=", hang_up: {after: 200ms, share: 0.2}"
    )
    assert prepared.drill.load.hang_up.share == 0.2


def test_in_production_every_drill_waits_for_a_second_person(tmp_path):
    (tmp_path / "suite.yaml").write_text(SUITE)
    target = TARGET.replace("%PRIMARY%", ", gate: first").replace("%MARKER%", "")
    (tmp_path / "d.yaml").write_text(
        DRILL.replace("%FAULT%", "kind: slow_first_token, latency_ms: 1000")
        .replace("%LOAD%", "")
        .replace("%GUARD%", "")
    )
    digests = set()
    for environment, waits in (("staging", False), ("eu-prod", True)):
        (tmp_path / "gameday.yaml").write_text(target.replace("{lab: {", f"{{{environment}: {{"))
        prepared = prepare(str(tmp_path / "d.yaml"), [], tmp_path / "gameday.yaml", None)
        assert prepared.drill.require_approval is waits
        digests.add(prepared.plan.digest)
    assert len(digests) == 2


SLOW = "kind: slow_first_token, latency_ms: 1000"


@pytest.mark.parametrize(
    ("guard", "said"),
    [
        ("{no_data: 149ms}", "at 20/s requests are 0.05 s apart"),
        ("{no_data: 150ms}", ""),
        ("{metric: sent_per_s, below: 20.1, for: 5s}", "the load sends 20/s"),
        ("{metric: sent_per_s, below: 20, for: 5s}", ""),
        ("{metric: sent_per_s, above: 19.9, for: 5s}", "the load sends 20/s"),
        ("{metric: served_share, of: third, below: 0.5, for: 5s}", "has no provider 'third'"),
        ("{metric: served_share, of: secondary, below: 0.5, for: 5s}", ""),
    ],
)
def test_a_guard_that_every_run_would_trip_is_refused(planned, guard, said):
    if not said:
        assert planned(SLOW, guard=guard).drill.abort_when
        return
    with pytest.raises(FileError, match=said):
        planned(SLOW, guard=guard)


MARKED = "kind: slow_first_token, latency_ms: 1000, scope: marked"


@pytest.mark.parametrize(
    ("marker", "fault", "load", "rate", "words"),
    [
        (", marker: {header: x-mine}", MARKED, "", 20.0, "20/s beside it that no fault touches"),
        (", marker: {body: user}", MARKED, ", control: 5/s", 5.0, "5/s beside it that no fault"),
        (", marker: {header: x-mine}", MARKED, ", control: off", 0.0, "off, as the drill says"),
        ("", SLOW, "", 0.0, "none: slow_first_token on provider/primary touches all traffic"),
        (", key: env:K, marker: {key: env:M}", MARKED, "", 20.0, "20/s beside it that no fault"),
        (", marker: {key: env:M}", MARKED, "", 0.0, "none: requests are marked by their key, and"),
    ],
)
def test_a_control_group_runs_beside_faults_that_leave_it_alone(
    planned, marker, fault, load, rate, words
):
    prepared = planned(fault, marker=marker, load=load)
    assert prepared.drill.load.control_rate == rate
    assert prepared.plan.control.startswith(words)
    alone = planned(fault, marker=marker, load=", control: off").plan
    factor = 1 + rate / 20
    assert prepared.plan.requests_max == pytest.approx(alone.requests_max * factor, abs=1)
    assert prepared.plan.cost_usd_max == pytest.approx(alone.cost_usd_max * factor, rel=0.01)


def test_the_plan_says_what_the_control_group_costs(planned):
    prepared = planned(MARKED, marker=", marker: {header: x-mine}", load=", control: 10/s")
    requests_max, cost_usd_max = prepared.plan.requests_max, prepared.plan.cost_usd_max
    assert prepared.plan.control.endswith(
        f"of the requests at most {round(requests_max / 3):,}, ${cost_usd_max / 3:.2f}"
    )


def test_a_control_group_that_cannot_be_is_refused_where_it_is_asked_for(planned):
    with pytest.raises(FileError, match="front_door has no other key") as refused:
        planned(MARKED, marker=", marker: {key: env:M}", load=", control: 5/s")
    assert "leave load.control out" in refused.value.next_step


MODEL = """
components:
  model:
    backend: http
    url: "http://127.0.0.1:3"
    read: {path: /alias, value: model}
    change: {method: PUT, path: /alias, json: {model: "{{to}}"}}
"""


def prepared_response(folder, target_more, step="{step: pin_model, to: previous}"):
    (folder / "suite.yaml").write_text(SUITE)
    target = TARGET.replace("%PRIMARY%", ", gate: first").replace("%MARKER%", "")
    (folder / "gameday.yaml").write_text(target + target_more)
    drill = DRILL.replace("%FAULT%", SLOW).replace("%LOAD%", "").replace("%GUARD%", "")
    drill = drill.replace("faulted: 20s", "faulted: 20s, responded: 20s")
    (folder / "d.yaml").write_text(f"{drill}respond: [{step}]\n")
    return prepare(str(folder / "d.yaml"), [], folder / "gameday.yaml", None)


def test_a_response_needs_the_component_that_it_changes(tmp_path):
    with pytest.raises(FileError, match="does not say what keeps it") as refused:
        prepared_response(tmp_path, "")
    assert "add it under `components:`" in refused.value.next_step
    with pytest.raises(FileError, match="which version is the previous one") as refused:
        prepared_response(tmp_path, MODEL)
    assert "add `previous:`" in refused.value.next_step
    plan = prepared_response(tmp_path, f"{MODEL}    previous: m-1\n").plan
    assert plan.response == ("pin_model on component/model, to previous (m-1)",)
    named = prepared_response(tmp_path, MODEL, step="{step: pin_model, to: m-1}").plan
    assert named.response == ("pin_model on component/model, to m-1",)
    assert "; then pin_model on component/model, to m-1; broken at most 55 s" in plan_sentence(
        named
    )


CORPUS = """
components: {corpus: {backend: files, folder: corpus}}
"""
DELETED = "kind: corpus_edit, variant: deleted, delete: [refunds.md]"


def prepared_edit(folder, target_more):
    (folder / "suite.yaml").write_text(SUITE)
    target = TARGET.replace("%PRIMARY%", "").replace("%MARKER%", "")
    (folder / "gameday.yaml").write_text(target + target_more)
    drill = DRILL.replace("%FAULT%", DELETED).replace("%LOAD%", "").replace("%GUARD%", "")
    drill = drill.replace("provider/primary", "component/corpus")
    (folder / "d.yaml").write_text(drill)
    return prepare(str(folder / "d.yaml"), [], folder / "gameday.yaml", None)


def test_an_edit_needs_the_component_that_it_changes_and_no_provider(tmp_path):
    with pytest.raises(FileError, match="breaks component/corpus by corpus_edit") as refused:
        prepared_edit(tmp_path, "")
    assert "add it under `components:`" in refused.value.next_step
    plan = prepared_edit(tmp_path, CORPUS).plan
    assert plan.faults == ("corpus_edit on component/corpus, all traffic",)
    assert "everybody who is served from component/corpus" in plan.radius


SHIFT = "kind: input_shift, groups: {long: 1}"


def test_a_shift_of_what_is_asked_needs_such_questions_and_its_own_place(planned, monkeypatch):
    with pytest.raises(FileError, match="the suite has no question of the group long") as refused:
        planned(SHIFT, on="inputs/load")
    assert refused.value.next_step == "add such questions to the suite, or shift to others"
    monkeypatch.setattr(f"{__name__}.SUITE", SUITE.replace("case: one", "case: one, group: long"))
    assert injections(request_for(planned(SHIFT, on="inputs/load"), Path("runs"), "me"))
    with pytest.raises(FileError, match="fault 'input_shift' is for inputs/load"):
        planned(SHIFT)


def test_generators_that_hear_of_a_shift_at_different_moments_must_not_count_turns(
    planned, monkeypatch
):
    talk = SUITE.replace('question: "How long?"', 'group: long, turns: ["How long?", "Why?"]')
    monkeypatch.setattr(f"{__name__}.SUITE", talk)
    assert planned(SHIFT, on="inputs/load").plan.faults
    with pytest.raises(FileError, match="its 2 generators would ask some turns twice") as refused:
        planned(SHIFT, on="inputs/load", load=", generators: 2")
    assert refused.value.next_step == "set load.generators to 1"
