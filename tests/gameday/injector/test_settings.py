"""What one process hands to the other on its command line arrives unchanged."""

from dataclasses import replace
from pathlib import Path

import pytest

from gameday.injector.__main__ import _parse
from gameday.injector.parent import Supervisor
from gameday.injector.settings import InjectorSettings

GATE_A, GATE_B = Path("/tmp/a.yaml"), Path("/tmp/b.yaml")
SETTINGS = InjectorSettings(
    state=Path("/tmp/state"), port=8470, toxiproxy="http://127.0.0.1:8474", policy=Path("p.yaml")
)


@pytest.mark.parametrize("role", ["watchdog", "control"])
@pytest.mark.parametrize("revived", [False, True])
@pytest.mark.parametrize(
    ("gates", "kept"),
    [((), ()), ((GATE_A, GATE_B), (GATE_B,)), ((GATE_A, GATE_B), (GATE_A, GATE_B))],
)
@pytest.mark.parametrize("supervisor", [None, Supervisor(42, "1234"), Supervisor(42, "")])
def test_the_command_line_round_trips(
    role, revived: bool, supervisor: Supervisor | None, gates, kept
):
    settings = replace(SETTINGS, role=role, revived=revived, supervisor=supervisor)
    settings = replace(settings, gates=gates, kept_gates=kept)
    assert _parse(settings.argv()[3:]) == settings


def test_a_gate_alone_is_enough_and_nothing_at_all_is_not(capsys: pytest.CaptureFixture[str]):
    settings = replace(SETTINGS, toxiproxy="", gates=(GATE_A,))
    assert _parse(settings.argv()[3:]) == settings
    with pytest.raises(SystemExit):
        _parse(replace(SETTINGS, toxiproxy="").argv()[3:])
    assert "expected --toxiproxy, --gate or --target" in capsys.readouterr().err
