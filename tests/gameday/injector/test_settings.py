"""What one process hands to the other on its command line arrives unchanged."""

from dataclasses import replace
from pathlib import Path

import pytest

from gameday.injector.__main__ import _parse
from gameday.injector.parent import Supervisor
from gameday.injector.settings import InjectorSettings

SETTINGS = InjectorSettings(
    state=Path("/tmp/state"), port=8470, toxiproxy="http://127.0.0.1:8474", policy=Path("p.yaml")
)


@pytest.mark.parametrize("role", ["watchdog", "control"])
@pytest.mark.parametrize("revived", [False, True])
@pytest.mark.parametrize("supervisor", [None, Supervisor(42, "1234"), Supervisor(42, "")])
def test_the_command_line_round_trips(role, revived: bool, supervisor: Supervisor | None):
    settings = replace(SETTINGS, role=role, revived=revived, supervisor=supervisor)
    assert _parse(settings.argv()[3:]) == settings
