"""The looks of `gameday doctor`: each says what it found, and what to do where that is a no."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from activities.connections import injector_client, resolve_caller, resolve_marker
from gameday.catalog.files import load_components
from gameday.catalog.suite_files import load_suite
from gameday.domain.drill import Drill
from gameday.domain.environment import injector_url
from gameday.domain.errors import GamedayError, RefusedError
from gameday.domain.isolation import IsolationProof, describe_proof
from gameday.domain.plan import make_plan
from gameday.domain.record import RunRequest, injections
from gameday.domain.sample import Sample
from gameday.domain.scoring import RatedSet
from gameday.domain.suite import Suite
from gameday.domain.target import Target
from gameday.injector.client import InjectorClient
from gameday.probes.ask_once import ask_once
from gameday.probes.canaries import proof_digest
from gameday.probes.passage import describe_passage, why_not_marked, why_not_seen
from gameday.probes.questions import Question
from gameday.sources.alertmanager import held_alerts
from gameday.sources.prometheus import Prometheus
from gameday.sources.sink import received_since
from gameday.store.isolation import IsolationProofs
from gameday.supervisor.secrets import read_secret

_SEEN_WITHIN_S = 2.0
_SECRETS = frozenset({"key", "key_at_provider", "token", "secret"})  # keys that may name one


@dataclass(frozen=True)
class Patient:
    """What is looked at."""

    target_file: Path
    target: Target
    environment: str
    state: Path

    @property
    def front_door(self) -> str:
        return self.target.environments[self.environment].front_door

    @property
    def suite_file(self) -> Path:
        return (self.target_file.parent / self.target.suite).resolve()

    def suite(self) -> Suite:
        """Raises FileError."""
        return load_suite(self.suite_file)

    def question(self) -> str:
        """The suite's first. Raises FileError."""
        return self.suite().cases[0].asked[0]

    def injector(self) -> InjectorClient:
        """Raises GamedayError when there is no token."""
        return injector_client(self.target.environments[self.environment].injector, self.state)

    async def refusal(self, drill: Drill, position: int) -> str:
        """Why the injector would refuse one fault of the drill. Raises GamedayError."""
        request = RunRequest(
            run_id="doctor",
            drill=drill,
            target=self.target,
            environment=self.environment,
            suite_file=str(self.suite_file),
            folder="",
            plan=make_plan(drill, self.target, self.environment),
            requested_by="doctor",
        )
        proof = self.proof()
        more = {
            "marker": resolve_marker(self.target.front_door.marker),
            "isolation_age_s": proof.age_s(datetime.now(UTC)) if proof else None,
        }
        return await self.injector().check(injections(request)[position].model_copy(update=more))

    def proof(self) -> IsolationProof | None:
        """The last proof of isolation, of this very target file."""
        proof = IsolationProofs(self.state).last(self.target.target, self.environment)
        wanted = proof_digest(self.target, self.environment)
        return proof if proof and proof.digest == wanted else None

    async def ask(self, text: str, mark: str) -> Sample:
        """One synthetic request, as drills send them, with `mark` for the run's id."""
        door, synthetic = self.target.front_door, self.target.synthetic
        reply = await ask_once(
            self.front_door,
            door,
            Question(mark, text, RatedSet(mark)),
            caller=resolve_caller(mark, door, synthetic),
            stream=False,
            prices=self.target.prices,
        )
        return reply.sample


@dataclass(frozen=True)
class Look:
    """ok: None is no fault, but not used or not known."""

    name: str
    ok: bool | None
    sentence: str
    next_step: str = ""


class Looks:
    """The looks at one environment. The front door is asked once, for those that need it."""

    def __init__(self, patient: Patient) -> None:
        self._patient = patient
        self._target = patient.target
        self._mark = f"doctor-{uuid4().hex[:8]}"
        self._asked: Sample | None = None

    async def all(self) -> list[Look]:
        looks: dict[str, Callable[[], Awaitable[Look | str]]] = {
            "suite": self._suite,
            "secrets": self._secrets,
            "injector": self._injector,
            "front door": self._front_door,
            "who served": self._who_served,
            "prices": self._prices,
            "gate": self._gate,
            "toxiproxy": self._toxiproxy,
            "alerts": self._alerts,
            "isolation": self._isolation,
            "components": self._components,
        }
        return [await _look(name, look) for name, look in looks.items()]

    async def _suite(self) -> str:
        suite = self._patient.suite()
        return f"{suite.suite}: {len(suite.cases)} cases in {self._patient.suite_file}"

    async def _secrets(self) -> str:
        # Those of components are read when they are looked at, beside the target file.
        stated = self._target.model_dump(mode="json", exclude={"components"})
        named = sorted(set(_secret_references(stated)))
        missing = [reference for reference in named if not _is_there(reference)]
        if missing:
            raise RefusedError(
                f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not there",
                next_step="set them where gameday and its workers run",
            )
        return f"{', '.join(named)} can be read" if named else "none is named"

    async def _injector(self) -> str:
        health = await self._patient.injector().health()
        if health.stopped:
            raise RefusedError("it was stopped", next_step="gameday sweep --resume")
        url = injector_url(self._target.environments[self._patient.environment].injector)
        return f"{url} answers, under the policy {health.policy!r}; {health.armed} faults armed"

    async def _front_door(self) -> str:
        await self._watch()
        url = self._patient.front_door
        sample = await self._sample()
        if not sample.good:
            raise RefusedError(
                f"{url} gave no answer: {sample.outcome}, {sample.detail}",
                next_step="start it, or correct front_door in the target file; its dialect is "
                f"{self._target.front_door.dialect}",
            )
        return f"{url} answers within {sample.latency_ms:.0f} ms"

    async def _who_served(self) -> Look | str:
        sample, door = await self._sample(), self._target.front_door
        if not sample.good:
            return Look("who served", None, "not known without an answer")
        if sample.served_by is None:
            raise RefusedError(
                f"the answer does not say which provider it came from in {door.served_by_header!r}",
                next_step="let the system say it, and name where: docs/your-system.md",
            )
        if sample.served_by not in self._target.providers:
            raise RefusedError(
                f"the answer came from {sample.served_by!r}, which is no provider of the target",
                next_step="call the provider so, or translate it in front_door.served_as",
            )
        version = f", version {sample.version}" if sample.version else ", no version"
        return f"{sample.served_by}, model {sample.model or 'not said'}{version}"

    async def _prices(self) -> Look | str:
        if not self._target.prices:
            return Look("prices", None, "none declared: cost is not judged")
        sample = await self._sample()
        if sample.good and sample.model not in self._target.prices:
            raise RefusedError(
                f"no price for the model {sample.model!r}", next_step="add it under prices"
            )
        return f"{len(self._target.prices)} models are priced"

    async def _gate(self) -> Look | str:
        gates = self._target.gates
        if not gates:
            return Look("gate", None, "no provider has one: see docs/gate.md")
        injector, marker = self._patient.injector(), self._target.front_door.marker
        health = await injector.health()
        if silent := [name for name, answers in health.gates.items() if not answers]:
            raise RefusedError(f"{', '.join(silent)} does not answer", next_step="start it")
        if not health.gates:
            raise RefusedError(
                "the injector knows no gate", next_step="start it with --gate gate.yaml"
            )
        sample = await self._sample()
        calls = await self._calls(injector)
        if not calls:
            raise RefusedError(why_not_seen(gates), next_step="docs/gate.md, step 2")
        if marker is not None and not any(call.run_id == self._mark for call in calls):
            raise RefusedError(
                why_not_marked(calls, sample, marker, gates), next_step="docs/gate.md, step 3"
            )
        return describe_passage(calls, self._mark)

    async def _toxiproxy(self) -> Look | str:
        behind = [name for name, one in self._target.providers.items() if one.toxiproxy]
        if not behind:
            return Look("toxiproxy", None, "no provider has one: faults of connections need it")
        if not (await self._patient.injector().health()).toxiproxy:
            raise RefusedError(
                f"it does not answer the injector; {', '.join(behind)} should be behind it",
                next_step="start it, and the injector with --toxiproxy http://HOST:8474",
            )
        return f"answers the injector; before {', '.join(behind)}"

    async def _alerts(self) -> Look | str:
        alerts = self._target.alerts
        if alerts is None:
            return Look("alerts", None, "none declared: nobody looks whether the pager rings")
        rules = {rule.name for rule in await Prometheus(alerts.prometheus).alerting_rules()}
        if alerts.alertmanager:
            await held_alerts(alerts.alertmanager)
        if alerts.sink:
            await received_since(alerts.sink, datetime.now(UTC))
        if missing := [name for name in alerts.expects if name not in rules]:
            raise RefusedError(
                f"{alerts.prometheus} has no rule for {', '.join(missing)}, which is expected",
                next_step="load it there, or correct alerts.expects",
            )
        others = [word for word in ("alertmanager", "sink") if getattr(alerts, word)]
        return f"{' and '.join(['prometheus', *others])} answer; {len(rules)} rules are loaded"

    async def _isolation(self) -> Look:
        where = self._patient.environment
        look = f"gameday doctor --isolation --environment {where}"
        proof = self._patient.proof()
        if proof is None:
            return Look("isolation", None, "not looked at with this target file", look)
        age_h = (datetime.now(UTC) - proof.at).total_seconds() / 3600
        if proof.acting:
            return Look("isolation", False, proof.acting, look)
        return Look("isolation", True, f"{describe_proof(proof)}; {age_h:.1f} h ago")

    async def _components(self) -> Look | str:
        kept = load_components(self._patient.target_file)
        if not kept:
            return Look(
                "components", None, "none declared: drills that roll something back need it"
            )
        said, unasked = [], []
        for name, backend in kept.items():
            said.append(f"{name} is {(await backend.read()).label}")
            previous = self._target.components[name].previous
            if previous is None or not backend.asks_ready:
                unasked.append(name)
            elif why_not := await backend.ready(previous):
                raise RefusedError(
                    f"{name} cannot be rolled back: {why_not}",
                    next_step="bring it back, or name another `previous` in the target file",
                )
        tail = f"; whether there is a way back for {', '.join(unasked)} is not asked"
        return ", ".join(said) + (tail if unasked else "")

    async def _sample(self) -> Sample:
        if self._asked is None:
            question = self._patient.question()
            self._asked = await self._patient.ask(question, self._mark)
        return self._asked

    async def _watch(self) -> None:
        """Let the gates log the one request; where they cannot, the look at them says why."""
        if self._target.gates:
            try:
                marker = resolve_marker(self._target.front_door.marker)
                await self._patient.injector().watch(self._mark, marker)
            except GamedayError:
                return

    async def _calls(self, injector: InjectorClient) -> list[Any]:
        listeners = set(self._target.gates.values())
        give_up = time.monotonic() + _SEEN_WITHIN_S
        try:
            while True:
                logged = await injector.calls(self._mark)
                seen = [call for call in logged if call.provider in listeners]
                if any(call.run_id == self._mark for call in seen) or time.monotonic() > give_up:
                    return seen
                await asyncio.sleep(0.1)
        finally:
            await injector.unwatch(self._mark)


async def _look(name: str, look: Callable[[], Awaitable[Look | str]]) -> Look:
    try:
        said = await look()
    except GamedayError as error:
        return Look(name, ok=False, sentence=error.sentence, next_step=error.next_step)
    return said if isinstance(said, Look) else Look(name, ok=True, sentence=said)


def _secret_references(raw: Any, name: str = "") -> Iterator[str]:
    """Every secret that the target names, wherever it stands."""
    if isinstance(raw, dict):
        for key, value in raw.items():
            yield from _secret_references(value, key)
    elif isinstance(raw, list):
        for value in raw:
            yield from _secret_references(value, name)
    elif isinstance(raw, str) and name in _SECRETS and raw.startswith(("env:", "file:")):
        yield raw


def _is_there(reference: str) -> bool:
    try:
        read_secret(reference)
    except GamedayError:
        return False
    return True
