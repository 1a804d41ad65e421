"""Preflight: everything that must be true before anything is touched. Touches nothing."""

import asyncio
import os
import random
import shutil
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import httpx
from temporalio import activity

from activities.channels import require_channel
from activities.connections import InjectorFactory, resolve_caller, resolve_marker
from activities.elsewhere_ready import (
    alerts_judged,
    alerts_ready,
    budget_does_not_burn,
    objectives_ready,
)
from activities.ledger_lines import write_before
from activities.messages import PreflightReport
from activities.others_there import Look, no_other_drill
from gameday.catalog.kinds import faults
from gameday.catalog.suite_files import load_suite, rated
from gameday.domain.calendar import freeze_at
from gameday.domain.drill import Scope
from gameday.domain.environment import is_production
from gameday.domain.errors import (
    ComponentUnreachableError,
    GamedayError,
    InjectorError,
    InjectorUnreachableError,
    RefusedError,
    SourceError,
    StartError,
)
from gameday.domain.gate import Call
from gameday.domain.isolation import IsolationProof, describe_proof
from gameday.domain.record import Readiness, RunRequest, injections, steps_asked
from gameday.domain.sample import Sample
from gameday.evidence.key import key_id, named_key
from gameday.injector.client import InjectorClient
from gameday.probes.ask_once import ask_once
from gameday.probes.canaries import proof_digest
from gameday.probes.passage import describe_passage, why_not_marked, why_not_seen
from gameday.probes.questions import Question
from gameday.store.incidents import Incidents
from gameday.store.isolation import IsolationProofs
from gameday.store.ledger import Ledger
from gameday.store.redaction import Redactor

_DISK_FREE_BYTES_MIN = 200_000_000
_SEEN_WITHIN_S = 2.0  # by the gate, after the front door's answer
# What these look at takes a request, a watch at the gates, or a line in the ledger.
_NOT_FREE = frozenset({"gate and marker", "front door", "ledger"})
_COULD_NOT_LOOK = (
    InjectorUnreachableError, SourceError, StartError, ComponentUnreachableError,
)  # fmt: skip


class PreflightActivities:
    def __init__(
        self,
        injector: InjectorFactory,
        proofs: IsolationProofs,
        ledger: Ledger,
        incidents: Incidents,
        others: Look,
    ) -> None:
        """others: which drills go on."""
        self._injector = injector
        self._proofs = proofs
        self._ledger = ledger
        self._incidents = incidents
        self._others = others

    @activity.defn(name="preflight")
    async def preflight(self, request: RunRequest) -> PreflightReport:
        """One line for each thing that must be true; all are looked at, also after a no."""
        looked = await self.looks(request).report()
        lines = [Readiness(name=one.name, ok=bool(one.ok), sentence=one.sentence) for one in looked]
        return PreflightReport(lines=tuple(lines))

    def looks(self, request: RunRequest) -> "Preflight":
        url = request.target.environments[request.environment].injector
        around = Around(self._ledger, self._incidents, self._others)
        return Preflight(request, self._injector(url), self._proof(request), around)

    def _proof(self, request: RunRequest) -> IsolationProof | None:
        """The last proof of isolation; one of another target file proves nothing here."""
        proof = self._proofs.last(request.target.target, request.environment)
        wanted = proof_digest(request.target, request.environment)
        return proof if proof and proof.digest == wanted else None


class Looked(NamedTuple):
    """What one look has found. ok: None where it could not look, and nobody knows."""

    name: str
    ok: bool | None
    sentence: str


class Around(NamedTuple):
    """What is kept of the target beside its own files, and which drills go on."""

    ledger: Ledger
    incidents: Incidents
    others: Look


class Preflight:
    """The looks at one run. The front door is asked once, by whichever look needs it first."""

    def __init__(
        self,
        request: RunRequest,
        injector: InjectorClient,
        proof: IsolationProof | None,
        around: Around,
    ) -> None:
        self._request = request
        self._around = around
        self._proof = proof
        self._proof_age_s = proof.age_s(datetime.now(UTC)) if proof else None
        self._injector = injector
        self._asked: Sample | None = None

    async def report(self, *, free: bool = False) -> list[Looked]:
        """Every look's line. free: only those that ask the system nothing and write nothing."""
        redactor = Redactor(self._request.target.evidence.redact)
        looks = {
            name: look for name, look in self._looks().items() if not free or name not in _NOT_FREE
        }
        return [await _line(name, look, redactor) for name, look in looks.items()]

    def _looks(self) -> dict[str, Callable[[], Awaitable[str]]]:
        target = self._request.target
        looks: dict[str, Callable[[], Awaitable[str]]] = {
            "incidents": lambda: _no_incident_is_open(self._around.incidents, target.target),
            "other drills": lambda: no_other_drill(self._request, self._around.others),
            "error budget": lambda: budget_does_not_burn(self._request),
            "suite": self._suite_loads,
            "disk": self._disk_has_room,
            "injector": self._injector_answers,
            "isolation": self._nothing_acts_for_real,
            "policy and path": self._faults_are_allowed,
            # Before the front door, whose one request it wants to see pass.
            "gate and marker": self._gate_sees_requests,
            "front door": self._front_door_answers,
            "request logs": self._request_logs_answer,
            "objectives": self._objectives_can_be_read,
            "alerts": self._alerts_are_silent,
            "ledger": self._ledger_knows,
        }
        if target.freezes:
            looks["freeze"] = self._no_freeze_is_on
        if target.channels:
            looks["notify"] = self._people_can_be_told
        if target.evidence.signing_key is not None:
            looks["signing key"] = self._report_can_be_signed
        return looks

    async def _suite_loads(self) -> str:
        # In a thread, as a big suite takes seconds and this worker must go on beating.
        suite = await asyncio.to_thread(load_suite, Path(self._request.suite_file))
        wanted = self._request.drill.load.suite
        if suite.suite != wanted:
            raise RefusedError(
                f"the target's suite is {suite.suite!r}, the drill's load asks {wanted!r}"
            )
        unjudged = sum(case.needs_person is not None for case in suite.cases)
        form = f", {unjudged} of them scored by their form alone: see needs_person"
        return f"suite {suite.suite}: {len(suite.cases)} cases{form if unjudged else ''}"

    async def _disk_has_room(self) -> str:
        folder = Path(self._request.folder)
        there = next(one for one in (folder, *folder.parents) if one.exists())
        if not os.access(there, os.W_OK | os.X_OK):
            raise RefusedError(f"{folder} cannot be written: no permission in {there}")
        free = shutil.disk_usage(there).free
        if free < _DISK_FREE_BYTES_MIN:
            needed_mb = _DISK_FREE_BYTES_MIN / 1e6
            raise RefusedError(
                f"{free / 1e6:.0f} MB are free in {folder}, {needed_mb:.0f} are needed"
            )
        return f"{free / 1e9:.0f} GB are free in {folder}"

    async def _injector_answers(self) -> str:
        url = self._injector.url
        if (await self._injector.health()).stopped:
            raise RefusedError(
                f"the injector at {url} was stopped; `gameday sweep --resume` lets it work again"
            )
        return f"the injector at {url} answers"

    async def _nothing_acts_for_real(self) -> str:
        """Whether synthetic requests may reach a tool that acts; production must be certain."""
        proof, where = self._proof, self._request.environment
        if proof is not None and self._proof_age_s is not None:
            return f"{describe_proof(proof)}; looked at {self._proof_age_s / 3600:.1f} h ago"
        why = proof.acting if proof else "nobody has looked with this target file"
        if is_production(where):
            raise RefusedError(
                f"synthetic requests may act for real in {where}: {why}; look with  "
                f"gameday doctor --isolation --environment {where}"
            )
        return f"not proven, and {where} is no production: {why}"

    async def _faults_are_allowed(self) -> str:
        if not self._request.drill.faults and not self._request.drill.respond:
            return "nothing is to be broken, so no policy is asked"
        marker = resolve_marker(self._request.target.front_door.marker)
        for injection in (*injections(self._request), *steps_asked(self._request)):
            marked = injection.model_copy(
                update={"marker": marker, "isolation_age_s": self._proof_age_s}
            )
            if refusal := await self._injector.check(marked):
                raise RefusedError(refusal)
        plan = self._request.plan
        allowed = f"policy allows {', '.join((*plan.faults, *plan.response))}"
        unbroken = "; the path is free and unbroken" if plan.faults else ""
        ready = "; nothing is known against what it goes back to" if plan.response else ""
        return f"{allowed}{unbroken}{ready}"

    async def _gate_sees_requests(self) -> str:
        """Start the watch that lasts as long as the run, and see one request pass."""
        gates = self._request.target.gates
        # Whether a call of a tool passes its gate no one request can show: the fault's proof does.
        needed = any(
            spec.on.startswith("provider/") and faults.make(spec).port == "gate"
            for spec in self._request.drill.faults
        )
        if not gates:
            return "no provider has a gate before it, and no fault needs one"
        try:
            marker = resolve_marker(self._request.target.front_door.marker)
            await self._injector.watch(self._request.run_id, marker)
        except InjectorError as error:
            if needed:
                raise
            return f"no fault needs the gate, and its calls are not watched: {error.sentence}"
        if not needed:
            return f"calls are watched at {len(gates)} gates; no fault needs one"
        return await self._passage()

    async def _passage(self) -> str:
        """Where the gates saw the request. Raises RefusedError when they did not."""
        request, gates = self._request, self._request.target.gates
        marker = request.target.front_door.marker
        for_marked = any(fault.scope is Scope.MARKED for fault in request.drill.faults)
        if for_marked and marker is None:
            raise RefusedError("scope marked needs `marker:` under `front_door:` in the target")
        sample = await self._sample()
        calls = await self._calls_seen(for_marked=for_marked)
        if for_marked and marker and not any(call.run_id == request.run_id for call in calls):
            raise RefusedError(why_not_marked(calls, sample, marker, gates))
        if not calls:
            raise RefusedError(why_not_seen(gates))
        return describe_passage(calls, request.run_id)

    async def _calls_seen(self, *, for_marked: bool) -> list[Call]:
        """The calls at the target's gates so far; waits a little for the one that is wanted."""
        run_id, listeners = self._request.run_id, set(self._request.target.gates.values())
        give_up = time.monotonic() + _SEEN_WITHIN_S
        while True:
            calls = [c for c in await self._injector.calls(run_id) if c.provider in listeners]
            wanted = [c for c in calls if c.run_id == run_id or not for_marked]
            if wanted or time.monotonic() > give_up:
                return calls
            await asyncio.sleep(0.1)

    async def _front_door_answers(self) -> str:
        request = self._request
        sample = await self._sample()
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

    async def _objectives_can_be_read(self) -> str:
        return await objectives_ready(self._request)

    async def _alerts_are_silent(self) -> str:
        return await alerts_ready(self._request.target.alerts, alerts_judged(self._request.drill))

    async def _no_freeze_is_on(self) -> str:
        target = self._request.target
        freeze = freeze_at(target.freezes, datetime.now(UTC), target.time_zone)
        if freeze is not None:
            raise RefusedError(f"a freeze is on for {target.target}: {freeze.words}")
        return f"none of {len(target.freezes)} freezes is on today in {target.time_zone}"

    async def _people_can_be_told(self) -> str:
        channels, folder = self._request.target.channels, Path(self._request.target_file).parent
        for channel in channels:
            require_channel(channel, folder)
        return f"{', '.join(channel.name for channel in channels)} can be told how the drill ends"

    async def _report_can_be_signed(self) -> str:
        key = named_key(self._request)
        return f"the report will be signed by key {key_id(key.public_key())}"

    async def _ledger_knows(self) -> str:
        """Write down what there is before the drill; refuses nothing."""
        return await write_before(self._around.ledger, self._request)

    async def _sample(self) -> Sample:
        if self._asked is None:
            self._asked = await _ask_once(self._request)
        return self._asked

    async def _request_logs_answer(self) -> str:
        providers = self._request.target.providers
        logs = {name: one.request_log for name, one in providers.items() if one.request_log}
        async with httpx.AsyncClient(timeout=5.0, trust_env=False) as http:
            for name, url in logs.items():
                try:
                    (await http.get(url, params={"since": time.time()})).raise_for_status()
                except httpx.HTTPError as error:
                    raise SourceError(
                        f"the request log of {name} at {url} does not answer"
                    ) from error
        return f"{len(logs)} provider logs can be read" if logs else "no provider log is declared"


async def _no_incident_is_open(incidents: Incidents, target: str) -> str:
    """Whoever works on an incident must not have to tell it from a drill."""
    if found := incidents.open_on(target):
        raise RefusedError(
            f"{found[0].sentence}; end it first, with  gameday incident close {found[0].id}"
        )
    return f"no incident is open on target {target}"


async def _line(name: str, look: Callable[[], Awaitable[str]], redactor: Redactor) -> Looked:
    ok: bool | None = True
    try:
        sentence = await look()
    except _COULD_NOT_LOOK as error:
        ok, sentence = None, error.sentence
    except GamedayError as error:
        ok, sentence = False, error.sentence
    return Looked(name, ok, redactor.text(sentence))


async def _ask_once(request: RunRequest) -> Sample:
    """One marked request, as the load will send them."""
    door = request.target.front_door
    suite = await asyncio.to_thread(load_suite, Path(request.suite_file))
    case = random.choice(suite.cases)  # noqa: S311 - no secret
    reply = await ask_once(
        request.target.environments[request.environment].front_door,
        door,
        Question(case.case, case.asked[0], rated(case)),
        caller=resolve_caller(request.run_id, door, request.target.synthetic),
        stream=request.drill.load.stream,
        prices=request.target.prices,
    )
    return reply.sample
