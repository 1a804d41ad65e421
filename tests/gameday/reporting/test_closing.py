"""What is gathered when a run ends: the gates' calls, once, and whole or not at all."""

import pytest

from gameday.domain.gate import Traffic
from gameday.reporting.closing import gather
from gameday.store.run_folder import RunFolder
from tests.activities.gate_stand_in import GateStandIn, call, not_watched, unreachable
from tests.gameday.reporting.runs import passing_run


class Injector(GateStandIn):
    async def journal(self, run_id):
        return []

    async def faults(self, run_id):
        return []


def record_with_gates(**gates):
    record = passing_run().record
    target = record.request.target
    providers = {
        name: one.model_copy(update={"gate": gates.get(name)})
        for name, one in target.providers.items()
    }
    target = target.model_copy(update={"providers": providers})
    return record.model_copy(
        update={"request": record.request.model_copy(update={"target": target})}
    )


def noted(record):
    return {event.what: event.facts.get("reason", "") for event in record.events}


async def test_calls_are_stored_under_their_providers_names(tmp_path):
    folder = RunFolder(tmp_path)
    injector = Injector(calls=[call("l1", "gd-1"), call("else", "gd-2"), call("l1", "gd-3")])
    record = await gather(folder, record_with_gates(primary="l1", secondary="l2"), injector)
    calls = folder.read_calls()
    assert [one.request_id for one in calls["primary"]] == ["gd-1", "gd-3"]
    assert {one.provider for one in calls["primary"]} == {"primary"}
    assert calls["secondary"] == ()
    assert "calls_unread" not in noted(record)
    assert injector.asked[-1] == "unwatch"


async def test_a_repetition_keeps_what_the_first_one_read(tmp_path):
    folder = RunFolder(tmp_path)
    record = record_with_gates(primary="l1")
    await gather(folder, record, Injector(calls=[call("l1")]))
    again = Injector(failures=[not_watched()])
    assert "calls_unread" not in noted(await gather(folder, record, again))
    assert again.asked == []
    assert len(folder.read_calls()["primary"]) == 1


@pytest.mark.parametrize("failures", [[not_watched()], [None, unreachable()]])
async def test_calls_that_cannot_be_read_are_noted_and_nothing_is_stored(tmp_path, failures):
    folder = RunFolder(tmp_path)
    record = await gather(folder, record_with_gates(primary="l1"), Injector(failures=failures))
    assert noted(record)["calls_unread"]
    assert folder.read_calls() == {}


async def test_half_a_log_is_none(tmp_path):
    folder = RunFolder(tmp_path)
    injector = Injector(traffic={"l1": Traffic(marked=2, unmarked=1)}, calls=[call("l1")])
    record = await gather(folder, record_with_gates(primary="l1"), injector)
    assert "counted 3 calls, and their logs have room for 1" in noted(record)["calls_unread"]
    assert folder.read_calls() == {}


async def test_without_a_gate_nobody_is_asked(tmp_path):
    injector = Injector()
    record = await gather(RunFolder(tmp_path), record_with_gates(), injector)
    assert injector.asked == []
    assert "calls_unread" not in noted(record)


async def test_what_is_called_beside_the_providers_is_no_gap_in_their_log(tmp_path):
    folder = RunFolder(tmp_path)
    counted = {"l1": Traffic(marked=1), "a-tool": Traffic(marked=9)}
    injector = Injector(traffic=counted, calls=[call("l1")])
    record = await gather(folder, record_with_gates(primary="l1"), injector)
    assert "calls_unread" not in noted(record)
    assert len(folder.read_calls()["primary"]) == 1
