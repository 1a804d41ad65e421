"""Whether another drill goes on where one is to begin: what they would measure is each other."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from temporalio.client import Client

from gameday.domain.errors import RefusedError
from gameday.domain.progress import Phase
from gameday.domain.record import RunRequest

_WAITS_S = 15.0  # for another run's preflight, which began later and gives way to this one
_NOT_BEGUN = frozenset({Phase.PLAN, Phase.APPROVE})
_GOING_ON = 'WorkflowType = "drill" AND ExecutionStatus = "Running"'


@dataclass(frozen=True)
class Going:
    """A drill that goes on, as Temporal lists it."""

    run_id: str
    drill: str
    target: str
    environment: str
    phase: Phase
    began_at: datetime


Look = Callable[[], Awaitable[list[Going]]]
"""Every drill that goes on now."""


def looks_at(client: Client) -> Look:
    """Asks Temporal, whoever has started them and wherever they are worked on."""

    async def look() -> list[Going]:
        return [
            Going(
                run_id=one.id.removeprefix("drill-"),
                drill=str(memo.get("drill", "")),
                target=str(memo.get("target", "")),
                environment=str(memo.get("environment", "")),
                phase=Phase(memo.get("phase", Phase.PLAN)),
                began_at=one.start_time,
            )
            async for one in client.list_workflows(_GOING_ON)
            if (memo := await one.memo()) is not None
        ]

    return look


async def no_other_drill(request: RunRequest, look: Look, *, waits_s: float = _WAITS_S) -> str:
    """Raises RefusedError while another drill is past its approval there.

    Of two that look at once, the one that began later gives way at once, and the other waits until
    it has: so never do both go on, nor does each give way to the other.
    """
    give_up = asyncio.get_running_loop().time() + waits_s
    while True:
        others, mine = _others(request, await look())
        in_way = [one for one in others if one.phase is not Phase.PREFLIGHT or _before(one, mine)]
        if in_way or (others and asyncio.get_running_loop().time() > give_up):
            raise RefusedError(_words(request, (in_way or others)[0]))
        if not others:
            return f"no other drill goes on in {request.target.target}/{request.environment}"
        await asyncio.sleep(0.5)


def _others(request: RunRequest, going: list[Going]) -> tuple[list[Going], Going | None]:
    """Those that go on at the same place and wait for nobody's approval, and this run itself."""
    place = (request.target.target, request.environment)
    mine = next((one for one in going if one.run_id == request.run_id), None)
    there = (one for one in going if (one.target, one.environment) == place)
    begun = (one for one in there if one.phase not in _NOT_BEGUN)
    return [one for one in begun if one.run_id != request.run_id], mine


def _before(other: Going, mine: Going | None) -> bool:
    """Whether the other began first; where Temporal does not list this run yet, it did."""
    return mine is None or (other.began_at, other.run_id) < (mine.began_at, mine.run_id)


def _words(request: RunRequest, other: Going) -> str:
    return (
        f"another drill goes on in {request.target.target}/{request.environment}: {other.drill}, "
        f"run {other.run_id}, begun {other.began_at:%Y-%m-%d %H:%M} UTC and in phase "
        f"{other.phase}; wait for it, or end it with  gameday abort {other.run_id}"
    )
