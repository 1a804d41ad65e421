"""A slot passes while Temporal is down: it is reported missed, and it is never run late.

On the real server, whose schedules know no fraction of a minute: the test waits for the next one.
"""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from gameday.cli.main import main
from gameday.domain import schedule
from gameday.store.schedules import Schedules
from gameday.supervisor import game_days
from gameday.supervisor.game_days import handle_of
from gameday.supervisor.ports import free_port
from tests.gameday.catalog.authored import spoil, written
from tests.gameday.cli.test_game_day import DAY, Worker, _until
from tests.gameday.serve.served import folder_of
from tests.workflows.game_day_rig import connected, dev_server

LATE_MAX_S = 10  # the shortest that Temporal takes
SETTLES_S = 2  # a server that is stopped just after it was told of a schedule forgets its next slot


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A game day at the next minute that is far enough, where a late one has ten seconds."""
    late = timedelta(seconds=LATE_MAX_S)
    monkeypatch.setattr(schedule, "LATE_MAX", late)
    monkeypatch.setattr(game_days, "LATE_MAX", late)
    monkeypatch.setattr(schedule, "_SETTLED_AFTER", 2 * late)
    monkeypatch.chdir(folder_of(tmp_path))
    return tmp_path


def due_at(here, lead_s=15):
    """Write the game day; its slot. It comes once a day."""
    slot = (datetime.now(UTC) + timedelta(seconds=60 + lead_s)).replace(second=0, microsecond=0)
    rule = f"{{hours: [{slot.hour}], minutes: [{slot.minute}]}}"
    text = spoil(DAY, "preconditions: [No release is planned for today.]\n", "")
    written(here, f"{text}schedule: {{fields: {rule}}}\n", "day.yaml")
    return slot


async def next_slots(address):
    """The next ones as Temporal has them."""
    return (await handle_of(await connected(address), "monthly").describe()).info.next_action_times


async def counted(address):
    """What Temporal says of the schedule: started, and missed by its own account."""
    info = (await handle_of(await connected(address), "monthly").describe()).info
    return info.num_actions, info.num_actions_missed_catchup_window


@pytest.mark.timeout(400)
def test_a_slot_that_passes_while_temporal_is_down_is_missed_and_not_run_late(
    here, monkeypatch, capsys
):
    port = free_port()
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{port}")
    monkeypatch.setenv("GAMEDAY_INJECTOR_TOKEN", "of an injector that does not answer")
    with dev_server(here / "temporal", port) as address:
        asyncio.run(connected(address))
        slot = due_at(here)  # no earlier: a busy machine is slow to start a server
        assert main(["schedule", "apply", "day.yaml"]) == 0
        # Until then Temporal has the schedule, but has not begun to keep it.
        assert _until(lambda: asyncio.run(next_slots(address)))[0] == slot
        time.sleep(SETTLES_S)
        assert datetime.now(UTC) < slot, "applying took longer than the lead"
    time.sleep(max(0.0, (slot - datetime.now(UTC)).total_seconds()) + LATE_MAX_S + 2)
    with dev_server(here / "temporal", port) as address, Worker(address, here) as worker:
        assert _until(lambda: asyncio.run(counted(address))[1]) == 1, "Temporal has missed it too"
        _until(lambda: datetime.now(UTC) > slot + timedelta(seconds=2 * LATE_MAX_S + 1))
        capsys.readouterr()
        assert main(["schedule", "list", "--json"]) == 0
        (document,) = json.loads(capsys.readouterr().out)
        assert document["state"] == "missed 1"
        (missed,) = document["missed"]
        assert datetime.fromisoformat(missed["slot_at"]) == slot
        assert missed["reason"].startswith("nothing started it: Temporal was down")
        assert asyncio.run(counted(address))[0] == 0
        assert worker.drills.began == []

        # The next game day that starts says so.
        assert main(["schedule", "trigger", "monthly"]) == 0
        ended = _until(lambda: [day for day in Schedules(here / ".gameday").get("monthly").days
                                if day.ended_at])  # fmt: skip
        day = json.loads((here / "runs" / ended[0].day_id / "game_day.json").read_text())
        assert day["notes"][0].startswith(f"the slot of {slot:%Y-%m-%d %H:%M} UTC was missed: ")
        assert len(worker.drills.began) == 2
