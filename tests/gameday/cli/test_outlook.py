"""`gameday plan` looks both ways: what stands against a drill now, for nothing and untouched."""

import json
import re

import pytest

from activities.preflight import Looked
from gameday.cli.main import main
from gameday.cli.outlook import exposure_sentence, outlook_lines
from gameday.domain.plan import make_plan
from gameday.store.incidents import Incidents
from tests.gameday.domain.test_incident import incident
from tests.gameday.reporting.runs import make_drill, make_target


@pytest.fixture
def plan(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TEMPORAL_ADDRESS", raising=False)

    def call(*argv):
        code = main(["plan", "provider-outage", "--lab", *argv])
        return code, capsys.readouterr().out

    return call


def everything(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_what_cannot_be_asked_is_not_known_and_nothing_is_left_behind(plan, tmp_path):
    code, said = plan()
    assert code == 0
    assert everything(tmp_path) == []
    assert "now         nothing stands against it; not known: other drills, injector" in said
    assert re.search(r"yes +disk +", said)
    assert re.search(r"\? +policy and path +the injector at \S+ did not answer", said)
    assert re.search(r"digest +[0-9a-f]{64}, which approvals are bound to", said)
    assert "exposure    at most 3,000 requests, $" in said


def test_an_open_incident_would_refuse_it(plan, tmp_path):
    Incidents(tmp_path / ".gameday").open(incident(target="lab", environment="lab"))
    assert "would be refused now, by incidents; not known" in plan()[1]
    told = {one["name"]: one for one in json.loads(plan("--json")[1])["now"]}
    assert told["incidents"]["ok"] is False
    assert told["injector"]["ok"] is None
    assert told["suite"]["ok"] is True
    assert not {"front door", "gate and marker", "ledger"} & told.keys()


def test_a_folder_that_may_not_be_written_is_told_before_anything_begins(plan, monkeypatch):
    # Not by its mode: whoever runs the tests as root may write anywhere.
    monkeypatch.setattr("activities.preflight.os.access", lambda *_: False)
    said = plan()[1]
    assert "would be refused now, by disk" in said
    assert "cannot be written: no permission in" in said


def test_the_exposure_is_in_requests_money_and_minutes():
    made = make_plan(make_drill(), make_target(), "lab", cost_usd_max=0.42)
    assert exposure_sentence(made) == (
        f"at most {made.requests_max:,} requests, $0.42, {made.seconds_max / 60:.1f} minutes; "
        f"changed or broken {made.fault_seconds_max:.1f} s"
    )


def test_a_no_comes_first_and_what_is_not_known_is_said_beside_it():
    looked = [
        Looked("disk", True, "there is room"),
        Looked("freeze", False, "a freeze is on"),
        Looked("injector", None, "it did not answer"),
    ]
    assert outlook_lines(looked)[0] == (
        "  now         would be refused now, by freeze; not known: injector"
    )
    assert outlook_lines(looked[:1])[0] == "  now         nothing stands against it"
