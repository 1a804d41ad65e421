"""A load is told what to ask as long as the injector says so, and as long as it answers."""

import asyncio
from contextlib import suppress

import pytest

from activities.shifts import keep_shifted, shift_of
from gameday.domain.errors import InjectorRefusedError, InjectorUnreachableError
from gameday.domain.lease import FaultRecord, FaultState
from gameday.domain.shift import Shift
from tests.gameday.reporting.runs import passing_run

MIX = Shift(groups={"long": 1})


def shifted(expires_in_s=12.0, state=FaultState.ARMED, claim="inputs/RUN1"):
    return FaultRecord(
        id="f1", run_id="RUN1", kind="input_shift", on="inputs/load", claim=claim, state=state,
        expires_in_s=expires_in_s,
    )  # fmt: skip


GONE = shifted(None, FaultState.CLEARED)
STUCK = shifted(None, FaultState.STUCK)
OTHER = shifted(claim="gate/primary")


class Injector:
    """One that answers in turn what it is told to; then nobody waits any longer."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.through = asyncio.Event()

    async def faults(self, run_id):
        assert run_id == "RUN1"
        if not self.answers:
            self.through.set()
            await asyncio.Event().wait()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def told(monkeypatch, *answers):
    """What the load was told, each time as whole seconds."""
    monkeypatch.setattr("activities.shifts._LOOK_EVERY_S", 0.0)
    load = type("Load", (), {"heard": [], "shift": lambda self, *said: self.heard.append(said)})()
    injector = Injector(*answers)
    keeping = asyncio.create_task(keep_shifted(load, MIX, injector, "RUN1"))
    await injector.through.wait()
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
    assert all(wanted == MIX for wanted, _ in load.heard)
    return [round(for_s) for _, for_s in load.heard]


async def test_what_is_left_of_the_lease_is_passed_on_and_nothing_once_it_is_gone(monkeypatch):
    answers = [[], [shifted(12.0)], [shifted(11.0)], [GONE]]
    assert await told(monkeypatch, *answers) == [0, 12, 11, 0]


@pytest.mark.parametrize("error", [InjectorUnreachableError, InjectorRefusedError])
async def test_while_nobody_answers_nothing_is_passed_on(monkeypatch, error):
    """So that what was told last comes to its end by itself."""
    answers = [[shifted(12.0)], error("?"), error("?"), [shifted(5.0)]]
    assert await told(monkeypatch, *answers) == [12, 5]


async def test_what_is_not_in_force_or_not_about_inputs_shifts_nothing(monkeypatch):
    assert await told(monkeypatch, [STUCK], [OTHER], [OTHER, shifted(3.0)]) == [0, 0, 3]


def test_the_mix_is_what_the_drill_says():
    drill = passing_run().record.request.drill
    assert shift_of(drill) is None
    shift = {"kind": "input_shift", "on": "inputs/load", "groups": {"long": 1}}
    whole = drill.model_dump(mode="json") | {"faults": [shift]}
    assert shift_of(type(drill).model_validate(whole)) == MIX
