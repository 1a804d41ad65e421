"""Schedules on the real server: its next slots are those of the pure calendar."""

import dataclasses
from datetime import UTC, datetime

import pytest

from gameday.domain.calendar import Calendar, next_slots
from gameday.supervisor.game_days import (
    handle_of,
    on_schedule,
    policy,
    put_schedule,
    remove_schedule,
    spec_of,
)
from tests.workflows.game_day_rig import connected, dev_server, request_of

RULES = [
    {"every": "quarter", "on": "first tuesday", "at": "10:00", "time_zone": "Europe/Berlin"},
    {"every": "week", "on": "sunday", "at": "13:30", "time_zone": "America/New_York"},
    {"every": "month", "on": "fourth friday", "at": "00:05", "time_zone": "Asia/Kathmandu"},
    {"fields": {"days": [1, 2, 15, 31], "weekdays": ["monday", "saturday", "sunday"],
                "hours": [9, 15], "minutes": [0, 45]}, "time_zone": "Australia/Lord_Howe"},
    {"fields": {"months": [2], "days": [29], "hours": [12]}},
]  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with dev_server(tmp_path_factory.mktemp("temporal")) as address:
        yield address


def request_at(folder, name, rule):
    return request_of(folder, game_day=name, schedule={"grace_days": 1, **rule})


async def test_temporals_next_slots_are_those_of_the_calendar(server, tmp_path):
    client = await connected(server)
    for number, rule in enumerate(RULES):
        request = request_at(tmp_path, f"rule-{number}", rule)
        await put_schedule(client, request, "queue", "note")
        there = await on_schedule(client, f"rule-{number}")
        slots = next_slots(Calendar.model_validate(rule), datetime.now(UTC), len(there.next_at))
        # Temporal looks on for as long as it takes, and a 29 February is rare.
        assert list(there.next_at)[: len(slots)] == [slot.at for slot in slots], rule
        assert len(slots) == (1 if number == 4 else 10)


async def test_temporal_gives_back_what_was_put_so_that_nothing_seems_changed(server, tmp_path):
    client = await connected(server)
    request = request_at(tmp_path, "same", RULES[3])
    await put_schedule(client, request, "queue", "first")
    there = await on_schedule(client, "same")
    assert there.request == request
    assert dataclasses.asdict(there.spec) == dataclasses.asdict(spec_of(request.game_day.schedule))
    assert dataclasses.asdict(there.policy) == dataclasses.asdict(policy())
    assert (there.queue, there.paused, there.note) == ("queue", False, "first")


async def test_a_change_leaves_a_paused_schedule_paused_with_its_reason(server, tmp_path):
    client = await connected(server)
    await put_schedule(client, request_at(tmp_path, "held", RULES[0]), "queue", "first")
    await handle_of(client, "held").pause(note="ana: the migration")
    await put_schedule(client, request_at(tmp_path, "held", RULES[1]), "queue", "second")
    there = await on_schedule(client, "held")
    assert (there.paused, there.note) == (True, "ana: the migration")
    assert there.request.game_day.schedule.every == "week"
    await remove_schedule(client, "held")
    await remove_schedule(client, "held")
    assert await on_schedule(client, "held") is None
