"""Preflight: everything that must be true before anything is touched. Touches nothing."""

import random
import shutil
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
from temporalio import activity

from activities.connections import InjectorFactory, resolve_secret
from activities.messages import PreflightReport
from gameday.catalog.files import load_suite
from gameday.domain.errors import GamedayError, RefusedError
from gameday.domain.record import Readiness, RunRequest, injections
from gameday.domain.sample import Sample
from gameday.probes.front_door import Due, FrontDoorClient, Question

_DISK_FREE_BYTES_MIN = 200_000_000


class PreflightActivities:
    def __init__(self, injector: InjectorFactory) -> None:
        self._injector = injector

    @activity.defn(name="preflight")
    async def preflight(self, request: RunRequest) -> PreflightReport:
        """One line for each thing that must be true; all are looked at, also after a no."""
        looks: dict[str, Callable[[RunRequest], Awaitable[str]]] = {
            "suite": _suite_loads,
            "disk": _disk_has_room,
            "injector": self._injector_answers,
            "policy and path": self._faults_are_allowed,
            "front door": _front_door_answers,
            "request logs": _request_logs_answer,
        }
        lines = [await _line(name, look, request) for name, look in looks.items()]
        return PreflightReport(lines=tuple(lines))

    async def _injector_answers(self, request: RunRequest) -> str:
        url = request.target.environments[request.environment].injector
        health = await self._injector(url).health()
        if health.stopped:
            raise RefusedError(
                f"the injector at {url} was stopped; `gameday sweep --resume` lets it work again"
            )
        return f"the injector at {url} answers"

    async def _faults_are_allowed(self, request: RunRequest) -> str:
        url = request.target.environments[request.environment].injector
        for injection in injections(request):
            refusal = await self._injector(url).check(injection)
            if refusal:
                raise RefusedError(refusal)
        return f"policy allows {', '.join(request.plan.faults)}; the path is free and unbroken"


async def _line(
    name: str, look: Callable[[RunRequest], Awaitable[str]], request: RunRequest
) -> Readiness:
    try:
        return Readiness(name=name, ok=True, sentence=await look(request))
    except GamedayError as error:
        return Readiness(name=name, ok=False, sentence=error.sentence)


async def _suite_loads(request: RunRequest) -> str:
    suite = load_suite(Path(request.suite_file))
    if suite.suite != request.drill.load.suite:
        raise RefusedError(
            f"the target's suite is {suite.suite!r}, the drill's load asks "
            f"{request.drill.load.suite!r}"
        )
    return f"suite {suite.suite}: {len(suite.cases)} cases"


async def _disk_has_room(request: RunRequest) -> str:
    folder = Path(request.folder)
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < _DISK_FREE_BYTES_MIN:
        needed_mb = _DISK_FREE_BYTES_MIN / 1e6
        raise RefusedError(f"{free / 1e6:.0f} MB are free in {folder}, {needed_mb:.0f} are needed")
    return f"{free / 1e9:.0f} GB are free in {folder}"


async def _front_door_answers(request: RunRequest) -> str:
    sample = await _ask_once(request)
    url = request.target.environments[request.environment].front_door
    if not sample.good:
        raise RefusedError(
            f"the front door at {url} gave no answer: {sample.outcome}, {sample.detail}"
        )
    if sample.served_by is None:
        header = request.target.front_door.served_by_header
        raise RefusedError(f"the front door at {url} does not say in {header!r} who served")
    if request.target.prices and sample.model not in request.target.prices:
        raise RefusedError(f"the target file has no price for the model {sample.model!r}")
    return f"the front door at {url} answers, served by {sample.served_by}"


async def _ask_once(request: RunRequest) -> Sample:
    door = request.target.front_door
    key = resolve_secret(door.key)
    client = FrontDoorClient(
        request.target.environments[request.environment].front_door,
        door,
        stream=request.drill.load.stream,
        prices=request.target.prices,
        headers={"authorization": f"Bearer {key}"} if key else {},
    )
    case = random.choice(load_suite(Path(request.suite_file)).cases)  # noqa: S311 - no secret
    try:
        return await client.ask(Question(case.case, case.question, ()), Due(0, time.monotonic()))
    finally:
        await client.aclose()


async def _request_logs_answer(request: RunRequest) -> str:
    logs = {name: p.request_log for name, p in request.target.providers.items() if p.request_log}
    async with httpx.AsyncClient(timeout=5.0, trust_env=False) as http:
        for name, url in logs.items():
            try:
                (await http.get(url, params={"since": time.time()})).raise_for_status()
            except httpx.HTTPError as error:
                raise RefusedError(f"the request log of {name} at {url} does not answer") from error
    return f"{len(logs)} provider logs can be read" if logs else "no provider log is declared"
