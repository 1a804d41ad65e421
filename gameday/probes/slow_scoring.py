"""Scores answers whose scorers ask a model, in threads beside the load.

A judge that is slower than the load must not hold it up: beyond so many at a time, and at the end
of the load, its score is missing.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from gameday.catalog.suite_files import load_suite
from gameday.domain.sample import Values
from gameday.domain.scorer import Models
from gameday.probes.exchange import Exchange
from gameday.probes.scoring_models import EndpointModels

AT_ONCE_MAX = 32
_FINISH_S = 2.0  # the load's own end must not wait for long

Scoring = Callable[[Exchange, Models | None], Values]


class SlowScoring:
    """Answers that wait for a model's word on them."""

    def __init__(self, suite_file: str, score: Scoring, record: Callable[[Values], None]) -> None:
        self._suite = load_suite(Path(suite_file))
        self._score, self._record = score, record
        self._asks = bool(self._suite.judge or self._suite.embedding)
        self._models = EndpointModels(self._suite) if self._asks else None
        self._threads = ThreadPoolExecutor(AT_ONCE_MAX, "judge")
        self._waiting: dict[asyncio.Task[None], Exchange] = {}

    def facts(self) -> dict[str, Any]:
        """Who scores beside the suite's own rules, for the journal."""
        named = {"judge": self._suite.judge, "embedding": self._suite.embedding}
        return {
            role: {"model": one.model, "temperature": one.temperature, "url": one.url}
            for role, one in named.items()
            if one is not None
        }

    def take(self, exchange: Exchange) -> bool:
        """Score it in its own time; False where that is not needed, or too many wait already."""
        if self._models is None or not exchange.question.needs_model:
            return False
        if len(self._waiting) >= AT_ONCE_MAX:
            return False
        task = asyncio.create_task(self._scored(exchange))
        self._waiting[task] = exchange
        return True

    async def finish(self) -> None:
        """Wait a little for those under way; the others are recorded without a model's word."""
        if self._waiting:
            _, late = await asyncio.wait(self._waiting, timeout=_FINISH_S)
            for task in late:
                task.cancel()
                self._record(self._score(self._waiting.pop(task), None))
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._models is not None:
            self._models.close()

    async def _scored(self, exchange: Exchange) -> None:
        loop = asyncio.get_running_loop()
        values = await loop.run_in_executor(self._threads, self._score, exchange, self._models)
        task = asyncio.current_task()
        assert task is not None
        del self._waiting[task]
        self._record(values)
