"""A session is what the drill needs, or a sentence that says what is missing."""

from pathlib import Path

import pytest

from gameday.cli import session
from gameday.cli.main import main
from gameday.cli.session import lab_session
from gameday.domain.errors import StartError
from gameday.supervisor.stack import StackState

RUNNING = StackState(
    pid=1,
    temporal_address="127.0.0.1:1",
    temporal_ui="http://127.0.0.1:2",
    injector_url="http://127.0.0.1:3",
    toxiproxy_url="http://127.0.0.1:4",
    target_file="gameday.yaml",
    policy_file="policy.yaml",
    lab=True,
    defect="",
    pids={},
)


def test_a_lab_that_nobody_watches_is_none_for_a_drill_of_alerts(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "running_stack", lambda _: RUNNING)
    with pytest.raises(StartError) as caught, lab_session(tmp_path, tmp_path, "", alerts=True):
        pass
    assert "has no Prometheus" in caught.value.sentence
    assert "gameday up --lab --alerts" in caught.value.next_step


@pytest.mark.parametrize("alerts", [False, True])
def test_a_lab_that_runs_is_used(tmp_path, monkeypatch, alerts):
    watched = RUNNING.model_copy(update={"lab_alerts": True})
    monkeypatch.setattr(session, "running_stack", lambda _: watched)
    with lab_session(tmp_path, tmp_path, "", alerts=alerts) as found:
        assert found.running is watched


@pytest.mark.parametrize(("wanted", "runs"), [(True, False), (False, True)])
def test_a_lab_with_another_model_is_another_one(tmp_path, monkeypatch, wanted, runs):
    running = RUNNING.model_copy(update={"lab_llm": runs})
    monkeypatch.setattr(session, "running_stack", lambda _: running)
    with pytest.raises(StartError) as caught, lab_session(tmp_path, tmp_path, "", llm=wanted):
        pass
    assert f"has {'a' if runs else 'no'} real model" in caught.value.sentence


@pytest.mark.parametrize(
    ("named", "found"), [("gameday.yaml", "lab/gameday.yaml"), ("other.yaml", "other.yaml")]
)
def test_a_file_that_is_named_goes_before_that_of_a_lab_that_runs(
    tmp_path, monkeypatch, named, found
):
    running = RUNNING.model_copy(update={"target_file": "lab/gameday.yaml"})
    monkeypatch.setattr(session, "running_stack", lambda _: running)
    assert session.attached_session(tmp_path).target_file(Path(named)) == Path(found)
    with session.target_file(Path(named), tmp_path, tmp_path, lab=False) as file:
        assert file == Path(found)


@pytest.mark.parametrize("listen", ["nope", ":9099", "127.0.0.1:0", "127.0.0.1:70000", "h:x"])
def test_a_sink_listens_at_an_address(listen, capsys):
    assert main(["sink", "--listen", listen]) == 2
    assert "expected HOST:PORT" in capsys.readouterr().err
