"""What every registered fault must keep, whoever wrote it; a newcomer is tested unasked."""

import inspect
import json
from typing import Any

import pytest

from gameday.catalog.kinds import faults
from gameday.domain.drill import FaultSpec, Scope
from gameday.domain.fault import Fault
from gameday.domain.lease import FaultRecord, FaultState
from gameday.domain.ports import Toxic
from gameday.domain.sample import Window
from gameday.injector.clock import utc_now
from tests.gameday.injector.rig import Proxied, primary, toxiproxy

__all__ = ["primary", "toxiproxy"]

KINDS = [kind for kind, _ in faults.kinds()]
FOREIGN = Toxic(name="theirs", type="latency", attributes={"latency": 1, "jitter": 0})


def example(kind: str) -> Fault:
    """The fault with the first example of each setting that it requires."""
    settings: dict[str, Any] = {}
    for name, field in dict(faults.kinds())[kind].model_fields.items():
        if field.is_required():
            assert field.examples, f"{kind}.{name} is required and gives no example"
            settings[name] = field.examples[0]
    return faults.make(FaultSpec(kind=kind, on="provider/primary", settings=settings))


@pytest.fixture(params=KINDS)
def fault(request: pytest.FixtureRequest) -> Fault:
    return example(request.param)


def test_the_first_five_are_there():
    wanted = {"connection_refused", "connection_reset", "blackhole", "latency", "bandwidth"}
    assert wanted <= set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_its_docstring_begins_with_a_sentence_for_the_list(kind: str):
    first = (inspect.getdoc(dict(faults.kinds())[kind]) or "").splitlines()[0]
    assert first.endswith(".")
    assert 10 < len(first) <= 80


def test_it_says_what_it_needs_and_how_it_shows(fault: Fault):
    assert fault.port
    assert fault.scopes
    assert fault.scopes <= set(Scope)
    assert fault.evidence
    assert 0 < len(fault.legend) <= 30


@pytest.mark.parametrize("kind", KINDS)
def test_each_setting_is_bounded(kind: str):
    schema = dict(faults.kinds())[kind].model_json_schema()
    for name, setting in schema.get("properties", {}).items():
        if setting.get("type") in {"integer", "number"}:
            assert {"minimum", "exclusiveMinimum"} & set(setting), f"{name} has no lower bound"
            assert {"maximum", "exclusiveMaximum"} & set(setting), f"{name} has no upper bound"


async def test_its_undo_is_plain_json(fault: Fault, primary: Proxied):
    undo = await fault.snapshot(primary.path)
    assert json.loads(json.dumps(undo)) == undo
    assert primary.is_clean()


async def test_twice_injected_and_twice_restored_leaves_things_as_they_were(
    fault: Fault, primary: Proxied
):
    before = primary.read()
    undo = await fault.snapshot(primary.path)
    for _ in range(2):
        await fault.inject(primary.path, "f1")
        json.dumps(await fault.confirm(primary.path, "f1"))
        json.dumps(await fault.measure(primary.path, "f1"))
        assert not await fault.is_restored(primary.path, "f1", undo)
    for _ in range(2):
        await fault.restore(primary.path, "f1", undo)
        assert await fault.is_restored(primary.path, "f1", undo)
        assert primary.read() == before
    assert primary.ask() == b"pong"


async def test_restore_without_an_inject_changes_nothing(fault: Fault, primary: Proxied):
    before = primary.read()
    undo = await fault.snapshot(primary.path)
    await fault.restore(primary.path, "f1", undo)
    assert primary.read() == before


async def test_confirm_raises_when_it_is_not_in_force(fault: Fault, primary: Proxied):
    with pytest.raises(Exception, match="primary"):
        await fault.confirm(primary.path, "f1")


async def test_restore_leaves_what_others_added_alone(fault: Fault, primary: Proxied):
    undo = await fault.snapshot(primary.path)
    await fault.inject(primary.path, "f1")
    primary.server.add("primary", FOREIGN)
    await fault.restore(primary.path, "f1", undo)
    assert primary.read().toxics == (FOREIGN,)
    assert await fault.is_restored(primary.path, "f1", undo)


async def test_restore_misses_what_others_took_away(fault: Fault, primary: Proxied):
    primary.server.add("primary", FOREIGN)
    undo = await fault.snapshot(primary.path)
    await fault.inject(primary.path, "f1")
    await fault.restore(primary.path, "f1", undo)
    assert await fault.is_restored(primary.path, "f1", undo)
    primary.server.remove("primary", FOREIGN.name)
    assert not await fault.is_restored(primary.path, "f1", undo)


def test_without_samples_it_was_not_felt(fault: Fault):
    now = utc_now()
    record = FaultRecord(
        id="f1",
        run_id="R",
        kind="any",
        on="provider/primary",
        claim="toxiproxy/primary",
        state=FaultState.CLEARED,
    )
    felt = fault.felt(
        record, "primary", Window("baseline", now, now, ()), Window("faulted", now, now, ())
    )
    assert not felt.felt
    assert "primary" in felt.sentence
