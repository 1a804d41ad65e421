"""Beats for activities that have nothing to tell meanwhile."""

import asyncio
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.beating import BEAT_EVERY_S, Beating
from workflows.patience import BEAT_WITHIN

PLAIN = ExecuteActivityInput(fn=lambda: None, args=[], executor=None, headers={})


class Working(ActivityInboundInterceptor):
    """An activity that takes its time, and tells nothing."""

    def __init__(self, seconds: float, error: Exception | None = None) -> None:
        self._seconds = seconds
        self._error = error

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        await asyncio.sleep(self._seconds)
        if self._error:
            raise self._error
        return "done"


async def beats_of(work: Working) -> tuple[list[tuple[Any, ...]], Any]:
    beats: list[tuple[Any, ...]] = []
    surroundings = ActivityEnvironment()
    surroundings.on_heartbeat = lambda *details: beats.append(details)
    inbound = Beating().intercept_activity(work)
    answer = await surroundings.run(inbound.execute_activity, PLAIN)
    return beats, answer


async def test_it_beats_while_the_activity_works_and_hands_on_its_answer():
    beats, answer = await beats_of(Working(3.5 * BEAT_EVERY_S))
    assert answer == "done"
    assert 2 <= len(beats) <= 5


async def test_it_hands_on_an_error_and_stops_beating():
    with pytest.raises(ValueError, match="no"):
        await beats_of(Working(0.05, ValueError("no")))
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


def test_several_beats_may_be_late_before_a_worker_is_taken_for_dead():
    assert BEAT_WITHIN.total_seconds() >= 4 * BEAT_EVERY_S
