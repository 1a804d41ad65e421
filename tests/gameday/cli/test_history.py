"""`gameday history`: what is stored is told, for people and for machines."""

import json
import math
import random
from datetime import UTC, datetime, timedelta

import pytest

from gameday.cli.main import main
from gameday.domain.sample import Outcome
from gameday.domain.tick import Heard, Tick
from gameday.domain.watch import Watch
from gameday.reporting.write import write_reports
from gameday.store.watches import Watches
from tests.gameday.reporting.runs import failing_run, passing_run
from tests.gameday.reporting.stand_ins import MAKERS


@pytest.fixture
def history(tmp_path, capsys):
    def call(*argv):
        places = ["--runs", str(tmp_path / "runs"), "--state", str(tmp_path / "state")]
        code = main(["history", *argv, *places])
        return code, capsys.readouterr().out

    return call


@pytest.fixture
def stored(tmp_path):
    for run_id, made in (("AAAA", passing_run), ("BBBB", failing_run)):
        run = made()
        request = run.record.request.model_copy(update={"run_id": run_id})
        run = run.with_record(request=request)
        write_reports(run.store(tmp_path / "runs"), run.record, run.samples, MAKERS)


def test_without_a_run_it_says_how_one_comes_about(history):
    code, said = history()
    assert code == 0
    assert "the history knows no such run" in said


@pytest.mark.usefixtures("stored")
def test_runs_that_no_worker_has_written_down_are_read_from_their_folder(history):
    code, said = history("provider-outage")
    assert code == 0
    assert "provider-outage on lab/lab   2 runs" in said
    assert "BBBB  failed" in said
    assert "worse     fallback held in run AAAA, and now: " in said
    assert "trends    a trend is known of 0 of" in said
    assert history("another-drill")[1].startswith("the history knows no such run")


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("flags", [[], ["--rebuild"]], ids=["as it is", "made anew"])
def test_machines_get_one_document(history, flags):
    (drill,) = json.loads(history("--json", *flags)[1])["drills"]
    assert [row["run_id"] for row in drill["runs"]] == ["AAAA", "BBBB"]
    assert drill["compared"] == ["AAAA", "BBBB"]
    assert {one["state"] for one in drill["trends"]} == {"unknown"}
    assert all(one["sentence"].startswith("too little to know") for one in drill["trends"])
    assert drill["worse"]


TARGET = """
target: lab
environments:
  lab: {injector: "http://127.0.0.1:8470", front_door: "http://127.0.0.1:8480/v1/chat"}
providers:
  primary: {dialect: openai, toxiproxy: primary}
  secondary: {dialect: anthropic, toxiproxy: secondary}
suite: suite.yaml
"""


@pytest.mark.usefixtures("stored")
def test_readiness_names_what_failed_and_what_never_was(tmp_path, capsys):
    (tmp_path / "gameday.yaml").write_text(TARGET)
    argv = [
        *("readiness", "--target", str(tmp_path / "gameday.yaml")),
        *("--runs", str(tmp_path / "runs"), "--state", str(tmp_path / "state")),
    ]
    assert main(argv) == 0
    said = capsys.readouterr().out
    assert "connection_refused on provider/primary  provider-outage failed " in said
    assert "nothing was ever rehearsed on provider/secondary" in said
    assert main([*argv, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["never_places"] == ["provider/secondary"]
    assert "latency" in told["never_kinds"]
    states = {f"{one['scenario']['kind']} {one['scenario']['on']}": one["state"]
              for one in told["scenarios"]}  # fmt: skip
    assert states["connection_refused provider/primary"] == "failed"


WATCH = Watch(target="lab", environment="lab", target_file="/x/gameday.yaml")


def watched(state, weeks):
    """A watch that has seen answers get 1 % slower each week, with noise, until now."""
    watches, draw = Watches(state), random.Random(3)
    watches.put(WATCH)
    begun = datetime.now(UTC) - timedelta(weeks=weeks)
    for week in range(weeks):
        at = begun + timedelta(weeks=week)
        ms = 400 * 1.01**week * math.exp(0.05 * draw.gauss(0, 1))
        heard = Heard(case="a", rotating=False, outcome=Outcome.OK, latency_ms=ms, ended_at=at)
        tick = Tick(tick=f"t{week}", at=at, heard=(heard,))
        watches.keep(WATCH, tick, lambda standing, _: (standing, ()))


def test_what_a_watch_saw_creep_is_told_week_by_week(history, tmp_path):
    watched(tmp_path / "state", 60)
    said = history()[1]
    assert "watch lab.lab, week by week" in said
    assert "worse     watch latency_ms_p50: gets worse, +1" in said
    (course,) = json.loads(history("--json")[1])["weekly"]
    (creep,) = [one for one in course["trends"] if one["state"] == "worse"]
    assert creep["creeps"]  # it states no objective that would be broken
    assert 0.1 < creep["drift"] < 0.2  # 13 weeks of 1 %
    assert json.loads(history("provider-outage", "--json")[1])["weekly"] == []


def test_a_prometheus_that_does_not_answer_is_told_and_hides_nothing(history, tmp_path):
    query = "{query: up, prometheus: 'http://127.0.0.1:1'}"
    slos = f"slos: {{answered: {{at_least: 0.99, raw_ratio: {{raw: {query}}}}}}}\n"
    (tmp_path / "gameday.yaml").write_text(TARGET + slos)
    code, said = history("--target", str(tmp_path / "gameday.yaml"))
    assert code == 0
    assert "Prometheus of lab, week by week" in said
    assert "untold    answered: http://127.0.0.1:1/api/v1/query_range does not answer" in said
