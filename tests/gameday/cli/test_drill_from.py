"""A drill is drafted from what is recorded of an incident, and the real planner takes it."""

from datetime import UTC, datetime, timedelta

import pytest

from gameday.catalog.files import load_drill
from gameday.cli.main import main
from gameday.cli.planning import prepare
from gameday.domain.component import version_of
from gameday.domain.incident import Incident
from gameday.domain.ledger import Entry
from gameday.reporting.write import write_reports
from gameday.store.incidents import Incidents
from gameday.store.ledger import Ledger
from gameday.store.run_folder import RunFolder
from tests.gameday.reporting.played import ASKED, make_played, unanswered_run
from tests.gameday.reporting.runs import passing_run
from tests.gameday.reporting.stand_ins import MAKERS

SINCE = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
CASES = "".join(
    f'  - {{case: c{number}, question: "How long, {number}?", '
    f'scorers: [{{kind: contains, any: ["30 days"]}}]}}\n'
    for number in range(40)
)
TARGET = """
target: lab
environments: {lab: {injector: "http://127.0.0.1:1", front_door: "http://127.0.0.1:2/v1"}}
providers:
  primary: {dialect: openai, gate: first, toxiproxy: first}
  secondary: {dialect: anthropic, gate: second}
components:
  prompt: {backend: files, folder: content}
  parameters: {backend: files, folder: content}
  corpus: {backend: files, folder: content}
  model: {backend: files, folder: content, previous: m-1}
suite: suite.yaml
slos: {availability: {at_least: 0.99}}
"""


@pytest.fixture
def gameday(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "content").mkdir()
    (tmp_path / "suite.yaml").write_text("suite: support\ncases:\n" + CASES)
    (tmp_path / "gameday.yaml").write_text(TARGET)

    def call(*argv):
        code = main(["drill-from", *argv, "--runs", "runs", "--state", "state"])
        return code, capsys.readouterr()

    return call


def incident(tmp_path, **changes):
    fields = {"id": "INC-12", "target": "lab", "environment": "lab", "since": SINCE,
              "what": "Answers got worse", "source": "ana", **changes}  # fmt: skip
    return Incidents(tmp_path / "state").open(Incident(**fields))


def in_ledger(tmp_path, *lines, **fields):
    """Each line: minutes from when the incident began, and what components stood at."""
    for number, (minutes, components) in enumerate(lines):
        entry = Entry(
            target="lab", environment="lab", at=SINCE + timedelta(minutes=minutes), by="watch",
            components={name: version_of(one) for name, one in components.items()}, **fields,
        )  # fmt: skip
        Ledger(tmp_path / "state").add(entry, f"{number} {minutes}")


def planned(path):
    """What the real planner makes of it."""
    return prepare(str(path), [], path.parents[1] / "gameday.yaml", None)


def test_the_version_that_stood_there_is_the_fault_and_it_is_put_back(gameday, tmp_path):
    incident(tmp_path)
    in_ledger(tmp_path, (-60, {"prompt": "v3", "corpus": "a"}),
              (-5, {"prompt": "v4", "corpus": "a"}))  # fmt: skip
    code, said = gameday("INC-12")
    assert code == 0, said.err
    file = tmp_path / "drills" / "rehearse-inc-12.yaml"
    drill = load_drill(file)
    assert [(one.kind, one.on, one.settings) for one in drill.faults] == [
        ("prompt_edit", "component/prompt", {"to": "v4"})
    ]
    assert [(one.kind, one.on) for one in drill.respond] == [("revert_prompt", "component/prompt")]
    assert drill.title == "Again: Answers got worse"
    assert "prompt, from v3 to v4" in file.read_text()
    assert planned(file).plan.response
    assert "next   gameday plan" in said.out


def test_a_number_stays_a_number(gameday, tmp_path):
    incident(tmp_path)
    in_ledger(tmp_path, (-60, {"parameters": 4000}), (-5, {"parameters": 60}))
    assert gameday("INC-12")[0] == 0
    (fault,) = load_drill(tmp_path / "drills" / "rehearse-inc-12.yaml").faults
    assert fault.settings == {"to": 60}


def test_another_model_is_swapped_in_at_the_gate(gameday, tmp_path):
    incident(tmp_path)
    in_ledger(tmp_path, (-60, {"model": "m-1"}), (-5, {"model": "m-2"}))
    assert gameday("INC-12")[0] == 0
    drill = load_drill(tmp_path / "drills" / "rehearse-inc-12.yaml")
    (fault,) = drill.faults
    assert (fault.kind, fault.on, fault.settings["to_model"]) == (
        "model_swap", "provider/primary", "m-2",
    )  # fmt: skip
    assert drill.respond[0].kind == "pin_model"


def test_what_a_drill_changed_and_what_came_after_the_end_is_no_cause(gameday, tmp_path):
    incident(tmp_path, closed_at=SINCE + timedelta(hours=1))
    in_ledger(tmp_path, (-60, {"prompt": "v3"}))
    for moment, minutes, prompt in (("before", -50, "v3"), ("changed", -45, "v9"),
                                    ("after", -40, "v3")):  # fmt: skip
        in_ledger(tmp_path, (minutes, {"prompt": prompt}), run="AAAA", moment=moment)
    in_ledger(tmp_path, (120, {"prompt": "v5"}))
    code, said = gameday("INC-12")
    assert code == 2
    assert "no record of INC-12 tells of a cause that a fault can stand for" in said.err
    assert not (tmp_path / "drills").exists()


LONG = "x" * 200  # of which a label has the beginning


def test_what_only_a_digest_or_a_beginning_is_known_of_is_not_made_up(gameday, tmp_path):
    incident(tmp_path)
    in_ledger(tmp_path, (-60, {"prompt": "v3", "corpus": "a"}),
              (-5, {"prompt": LONG, "corpus": "b"}))  # fmt: skip
    code, said = gameday("INC-12")
    assert code == 2
    assert "name a drill whose faults to take, with --like" in said.err


def test_another_drill_may_lend_its_faults(gameday, tmp_path):
    incident(tmp_path)
    code, said = gameday("INC-12", "--like", "provider-outage", "--out", "drills/again.yaml")
    assert code == 0, said.err
    drill = load_drill(tmp_path / "drills" / "again.yaml")
    assert (drill.drill, drill.faults[0].kind) == ("rehearse-inc-12", "connection_refused")
    assert "as in the drill provider-outage" in said.out


def test_a_drill_s_run_is_rehearsed_by_its_own_faults(gameday, tmp_path):
    run = passing_run()
    write_reports(run.store(tmp_path / "runs"), run.record, run.samples, MAKERS)
    code, said = gameday("7Q2K")
    assert code == 0, said.err
    drill = load_drill(tmp_path / "drills" / "rehearse-7q2k.yaml")
    assert drill.faults == run.record.request.drill.faults


def test_windows_are_as_long_as_every_check_needs(gameday, tmp_path):
    incident(tmp_path)
    in_ledger(tmp_path, (-60, {"prompt": "v3"}), (-5, {"prompt": "v4"}))
    _, said = gameday("INC-12")
    first = int(said.out.split("windows of ")[1].split(" s")[0])
    (tmp_path / "gameday.yaml").write_text(TARGET.replace("0.99}", "0.999}"))
    _, said = gameday("INC-12", "--out", "drills/longer.yaml")
    assert int(said.out.split("windows of ")[1].split(" s")[0]) > first


def test_nothing_is_written_that_cannot_be_planned(gameday, tmp_path):
    incident(tmp_path)
    in_ledger(tmp_path, (-60, {"prompt": "v3"}), (-5, {"prompt": "v4"}))
    (tmp_path / "gameday.yaml").write_text(TARGET.replace("0.99}", "0.999999}"))
    code, said = gameday("INC-12")
    assert code == 2
    assert "a drill from INC-12 cannot be planned" in said.err
    assert not (tmp_path / "drills").exists()


def test_a_file_that_is_there_is_not_written_over(gameday, tmp_path):
    incident(tmp_path)
    in_ledger(tmp_path, (-60, {"prompt": "v3"}), (-5, {"prompt": "v4"}))
    assert gameday("INC-12")[0] == 0
    code, said = gameday("INC-12")
    assert code == 2
    assert "is there already" in said.err


def test_an_incident_that_nobody_knows_is_named(gameday):
    code, said = gameday("INC-99")
    assert code == 2
    assert "there is no incident and no run INC-99 here" in said.err


RUNBOOK = """
runbook: model-regressed
title: Worse
purpose: Put it back.
play:
  - {name: back, do: revert_prompt, on: component/prompt, to: before, then: end}
"""


@pytest.fixture
def answered(gameday, tmp_path):
    """The command, where a runbook that fits the target answered INC-12."""
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "model-regressed.yaml").write_text(RUNBOOK)
    incident(tmp_path, run="RUN1")

    def call(record, *argv):
        RunFolder(tmp_path / "runs" / "RUN1").write_runbook(record)
        return gameday(*argv)

    return call


def test_an_incident_that_a_runbook_answered_is_rehearsed_with_that_runbook(answered, tmp_path):
    code, said = answered(make_played(), "INC-12")
    assert code == 0, said.err
    drill = load_drill(tmp_path / "drills" / "rehearse-inc-12.yaml")
    assert [(one.kind, one.settings) for one in drill.faults] == [
        ("prompt_edit", {"to": "support-v4"})  # what its plan would put back, and no more
    ]
    assert drill.respond_with.runbook == "model-regressed"
    assert planned(tmp_path / "drills" / "rehearse-inc-12.yaml").runbook is not None


def test_a_provider_that_answered_nothing_is_cut_off_again(answered, tmp_path):
    down = ASKED.model_copy(
        update={"kind": "provider_reachable", "answer": "no", "evidence": {"provider": "primary"}}
    )
    code, said = answered(make_played(down), "INC-12")
    assert code == 0, said.err
    (fault,) = load_drill(tmp_path / "drills" / "rehearse-inc-12.yaml").faults
    assert (fault.kind, fault.on) == ("connection_refused", "provider/primary")


def test_without_a_cause_the_drill_of_the_same_runbook_lends_its_faults(answered, tmp_path):
    code, said = answered(unanswered_run(), "INC-12")
    assert code == 0, said.err
    (fault,) = load_drill(tmp_path / "drills" / "rehearse-inc-12.yaml").faults
    assert fault.kind == "model_swap"
    assert "as in the drill runbook-model-regressed" in said.out
