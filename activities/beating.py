"""Beats for activities that have nothing to tell meanwhile, so that a dead worker is noticed soon.

Without a beat Temporal learns of a killed worker only when the whole time of the activity is over.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

BEAT_EVERY_S = 0.4


class Beating(Interceptor):
    """For workers whose activities do not beat themselves."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's name
        return _BeatingInbound(next)


class _BeatingInbound(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        async with beating():
            return await super().execute_activity(input)


@asynccontextmanager
async def beating() -> AsyncIterator[None]:
    """Beat while the block is at work."""
    beats = asyncio.create_task(_beat())
    try:
        yield
    finally:
        beats.cancel()


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(BEAT_EVERY_S)
