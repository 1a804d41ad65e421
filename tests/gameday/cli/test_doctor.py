"""`gameday doctor`: where nothing answers, and what drills would need. Whole ones: tests/lab."""

import json

import pytest

from gameday.catalog.files import drill_names, load_target
from gameday.catalog.suite_files import load_suite
from gameday.cli.fitness import Place, fitness_of_drills, with_policy
from gameday.cli.main import main
from tests.contract.rigs.http import HttpRig
from tests.gameday.sources.served import serving

SUITE = """
suite: shop
cases:
  - {case: one, question: "How long?", scorers: [{kind: contains, any: ["30 days"]}]}
"""
TARGET = """
target: shop
environments: {staging: {injector: "http://127.0.0.1:1", front_door: "http://127.0.0.1:1/v1"}}
front_door: {key: "env:NOT_SET_ANYWHERE", marker: {header: x-gameday}}
providers:
  primary: {dialect: openai, gate: first}
  secondary: {dialect: anthropic}
suite: suite.yaml
"""


@pytest.fixture
def target(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "suite.yaml").write_text(SUITE)
    (tmp_path / "gameday.yaml").write_text(TARGET)
    return tmp_path / "gameday.yaml"


def examined(capsys):
    code = main(["doctor", "--json"])
    document = json.loads(capsys.readouterr().out)
    return code, document, {look["name"]: look for look in document["looks"]}


def test_each_no_says_what_to_do(target, capsys, monkeypatch):
    monkeypatch.setenv("GAMEDAY_INJECTOR_TOKEN", "t")
    code, document, looks = examined(capsys)
    assert code == document["exit_code"] == 6
    assert looks["suite"]["ok"] is True
    assert looks["secrets"]["sentence"] == "env:NOT_SET_ANYWHERE is not there"
    assert "did not answer GET /health" in looks["injector"]["sentence"]
    assert looks["components"]["ok"] is None
    assert looks["components"]["sentence"].startswith("none declared")
    assert looks["toxiproxy"]["ok"] is None
    assert all(look["next_step"] for look in document["looks"] if look["ok"] is False)


def test_every_secret_is_looked_for_and_nothing_else(target, capsys, monkeypatch):
    """A login's token is a place in its answer, not a secret."""
    login = "login: {request: {path: /in, json: {k: '{{secret}}'}}, secret: 'env:GONE', token: a.b}"
    target.write_text(TARGET.replace("front_door: {", f"front_door: {{{login}, "))
    _, _, looks = examined(capsys)
    assert looks["secrets"]["sentence"] == "env:GONE, env:NOT_SET_ANYWHERE are not there"


def test_a_front_door_that_does_not_answer_is_one_no(target, capsys, monkeypatch):
    monkeypatch.setenv("GAMEDAY_INJECTOR_TOKEN", "t")
    monkeypatch.setenv("NOT_SET_ANYWHERE", "now it is")
    _, _, looks = examined(capsys)
    assert looks["secrets"]["ok"] is True
    assert looks["front door"]["ok"] is False
    assert "http://127.0.0.1:1/v1 gave no answer: refused" in looks["front door"]["sentence"]
    assert looks["who served"]["ok"] is None


MODEL = """
components:
  model:
    backend: http
    previous: heron-4-2026-08
    url: URL
    secret: "file:key"
    read: {path: /aliases/answers, value: model, headers: {authorization: "Bearer {{secret}}"}}
    change: {method: PUT, path: /aliases/answers, json: {model: "{{to}}"}}
"""
READY = """\
    ready: {path: "/models/{{to}}", headers: {authorization: "Bearer {{secret}}"}}
"""


@pytest.mark.parametrize(
    ("more", "retired", "ok", "said"),
    [
        ("", False, True, "model is heron-4; whether there is a way back for model is not asked"),
        (READY, False, True, "model is heron-4"),
        (READY, True, False, "model cannot be rolled back: heron-4-2026-08 is not to be had"),
    ],
)
def test_components_are_read_and_their_way_back_is_asked_for(
    target, tmp_path, capsys, more, retired, ok, said
):
    rig = HttpRig(tmp_path)
    target.write_text(TARGET + MODEL.replace("URL", rig.url) + more)
    if retired:
        rig.retire()
    _, _, looks = examined(capsys)
    rig.close()
    assert looks["components"]["ok"] is ok
    assert looks["components"]["sentence"].startswith(said)
    assert "key" not in looks["secrets"]["sentence"].replace("NOT_SET", "")


def test_a_component_that_cannot_be_read_is_a_no(target, capsys):
    target.write_text(TARGET + MODEL.replace("URL", "http://127.0.0.1:1"))
    (target.parent / "key").write_text("k")
    _, _, looks = examined(capsys)
    assert looks["components"]["ok"] is False
    assert "127.0.0.1:1/aliases/answers does not answer GET" in looks["components"]["sentence"]


RULE = {"name": "Slow", "query": "x > 1", "state": "inactive", "health": "ok"}


@pytest.mark.parametrize(
    ("expects", "answer", "ok", "says"),
    [
        ("[Slow]", None, True, "prometheus answer; 1 rules are loaded"),
        ("[Slow, Gone]", None, False, "has no rule for Gone, which is expected"),
        ("[Slow]", (503, "away"), False, "answers 503: away"),
    ],
)
def test_the_alerts_that_are_expected_have_their_rules(target, capsys, expects, answer, ok, says):
    listed = {"status": "success", "data": {"groups": [{"rules": [RULE]}]}}
    with serving(**{"/api/v1/rules": answer or listed}) as prometheus:
        alerts = f"alerts: {{prometheus: '{prometheus.url}', expects: {expects}}}\n"
        target.write_text(TARGET + alerts)
        _, _, looks = examined(capsys)
    assert looks["alerts"]["ok"] is ok
    assert says in looks["alerts"]["sentence"]


def test_without_a_suite_no_drill_is_judged(target, capsys):
    target.with_name("suite.yaml").write_text("suite: shop\n")
    code, document, looks = examined(capsys)
    assert code == 6
    assert looks["suite"]["ok"] is False
    assert document["drills"] == []


def test_the_same_for_people(target, capsys):
    assert main(["doctor"]) == 6
    said = capsys.readouterr().out
    assert said.startswith("shop/staging   gameday.yaml\n")
    assert "  no   secrets     env:NOT_SET_ANYWHERE is not there\n" in said
    assert "next  set them where gameday and its workers run" in said
    assert "drills can be run here" in said


def fitness(target):
    described = load_target(target)
    suite = load_suite(target.with_name("suite.yaml"))
    return {one.drill: one for one in fitness_of_drills(Place(described, "staging", suite))}


def needs(one):
    return " | ".join(f"{need.what} > {need.next_step}" for need in one.needs)


def test_every_shipped_drill_is_judged_with_all_that_it_lacks(target):
    found = fitness(target)
    assert set(found) == {name for name, _, _ in drill_names()}
    outage = needs(found["provider-outage"])
    assert "connection_refused needs a Toxiproxy proxy before primary" in outage
    assert "name it with `toxiproxy:` under providers.primary" in outage
    assert "the target states no objective availability" in outage
    assert "the target file has no `prices:`" in outage
    assert all(need.next_step for one in found.values() for need in one.needs)


def test_a_drill_that_lacks_nothing_comes_with_its_command(target):
    target.write_text(WHOLE)
    ready = fitness(target)["quota-exhausted"]
    assert not ready.needs, needs(ready)
    assert ready.command.startswith("gameday run quota-exhausted --set target=shop")
    assert "--set load.suite=shop" in ready.command


def test_a_provider_of_another_name_is_said(target):
    target.write_text(TARGET.replace("  primary:", "  openai:"))
    assert "it is about the provider primary; the target has openai, secondary" in needs(
        fitness(target)["quota-exhausted"]
    )


def test_a_drill_that_cannot_be_read_is_a_need_too(target):
    (target.parent / "drills").mkdir()
    (target.parent / "drills" / "own.yaml").write_text("drill: own\n")
    assert "missing key" in needs(fitness(target)["own"])


def test_a_drill_file_of_ones_own_needs_no_override(target):
    shipped = next(path for name, _, path in drill_names() if name == "noop")
    text = shipped.read_text().replace("target: lab", "target: shop").replace("support", "shop")
    (target.parent / "drills").mkdir()
    (target.parent / "drills" / "noop.yaml").write_text(text)
    assert fitness(target)["noop"].overrides == ()


WHOLE = TARGET.replace("gate: first", "gate: first, toxiproxy: first").replace(
    "{dialect: anthropic}", "{dialect: anthropic, gate: second, toxiproxy: second}"
) + (
    "slos: {availability: {at_least: 0.99}, latency_p95: {at_most: 2s}, ttft_p95: {at_most: 1s}}\n"
    "prices: {m: {input_usd_per_mtok: 1, output_usd_per_mtok: 2}}\n"
)


async def judged(target, drill, says):
    asked = []

    async def refusal(fitted, position):
        asked.append((fitted.target, fitted.faults[position].kind))
        return says

    target.write_text(WHOLE)
    return await with_policy(fitness(target)[drill], refusal), asked


async def test_what_the_injector_would_refuse_is_a_need_with_a_way_on(target):
    found, asked = await judged(target, "quota-exhausted", "policy says no")
    assert asked == [("shop", "quota_exhausted")], "as it would be run here"
    assert needs(found) == (
        "the injector would refuse it: policy says no > --set faults.0.scope=marked, or let the "
        "owner of policy.yaml allow it"
    )


@pytest.mark.parametrize(
    "says",
    [
        "",
        "it needs 1 approval(s) of this exact plan, has 0",
        "doctor has not shown to be one who may start run R1",
    ],
)
async def test_an_approval_is_asked_for_by_the_run_itself(target, says):
    found, _ = await judged(target, "quota-exhausted", says)
    assert not found.needs


async def test_a_fault_that_cannot_be_narrower_is_the_policys_owners_alone(target):
    found, _ = await judged(target, "provider-outage", "the policy says no")
    assert found.needs[0].next_step == "let the owner of policy.yaml allow it"


async def test_a_drill_that_lacks_something_is_not_asked_about(target):
    asked = []
    await with_policy(fitness(target)["provider-outage"], lambda *a: asked.append(a))
    assert not asked
