"""Drives one HTTP fault gate, or several replicas of one: the port called `gate`.

What is done is done on every replica, or on none; what is read is read on every one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from gameday.domain.errors import (
    InjectorRefusedError,
    InjectorUnreachableError,
    LeaseEndedError,
    StartError,
)
from gameday.domain.gate import Call, GateState, Rule, RuleState, WatchOrder, WatchState
from gameday.domain.ports import Undo
from gameday.injector.gate_admin import GateAdmin, NotThereError
from gameday.injector.merging import merged_rule, merged_state, merged_watch
from gameday.injector.port import Asked, Look, PathGoneError
from gameday.injector.refusal import RefusalError, Why

_LEASE_S_MAX = 3600.0  # that a gate takes; renewals come long before

Answer = TypeVar("Answer")


class Gates:
    """All replicas of one gate, each told by its gate file."""

    def __init__(self, files: Sequence[Path], *, timeout_s: float = 2.0) -> None:
        self.files = tuple(files)
        self._admins = [GateAdmin(file, timeout_s=timeout_s) for file in files]

    def load(self) -> None:
        """Read every gate file. Raises FileError, and StartError when two are of one name."""
        files: dict[str, Path] = {}
        for admin in self._admins:
            first = files.setdefault(admin.load().gate, admin.file)
            if first != admin.file:
                raise StartError(
                    f"{first} and {admin.file} both name their gate {admin.name!r}",
                    next_step="give each replica a name of its own: its `gate:`",
                )

    async def on_all(self, ask: Callable[[GateAdmin], Awaitable[Answer]]) -> list[Answer]:
        """Ask every replica and wait for all of them; then raise, a no before no answer."""
        said = await asyncio.gather(*map(ask, self._admins), return_exceptions=True)
        errors = [one for one in said if isinstance(one, BaseException)]
        errors.sort(key=lambda error: isinstance(error, InjectorUnreachableError))
        if errors:
            raise errors[0]
        return [one for one in said if not isinstance(one, BaseException)]

    # --- the port ---------------------------------------------------------------------------

    async def answers(self) -> bool:
        return all((await self.health()).values())

    async def health(self) -> dict[str, bool]:
        """Which replicas answer, by name."""
        answering = await self.on_all(GateAdmin.answers)
        return {admin.name: yes for admin, yes in zip(self._admins, answering, strict=True)}

    async def look(self, name: str) -> Look:
        obstacle = ""
        for admin, state in await self._states():
            names = sorted(listener.name for listener in state.listeners)
            if name not in names:
                raise PathGoneError(
                    f"the gate {admin.name} has no listener {name!r}; it has {', '.join(names)}",
                    next_step="correct `gate:` of that provider in the target file, or add the "
                    f"listener to {admin.file}",
                )
            for rule in _in_force(state, name):
                obstacle = obstacle or (
                    f"the listener {name} of gate {admin.name} carries a rule already that is "
                    f"not Gameday's now: {rule.id} ({rule.kind})"
                )
        return Look(state={"listener": name}, obstacle=obstacle)

    def path(self, name: str, asked: Asked) -> "GateListener":
        return GateListener(self, name, asked)

    async def verify(self, name: str, fault_id: str, evidence: dict[str, Any]) -> None:  # noqa: ARG002 - a rule's id is enough
        """Raises when any replica has lost the rule: then part of the traffic is untouched."""
        boots = str(evidence.get("boot", "")).split()
        for admin, state in await self._states():
            if boots and state.boot not in boots:
                raise PathGoneError(
                    f"the gate {admin.name} was started again at {state.started_at:%H:%M:%S} UTC "
                    "and took the rule with it"
                )
        await self.require_in_force(fault_id)

    async def require_in_force(self, fault_id: str) -> None:
        """Raises when any replica does not hold the rule: LeaseEndedError when it let it go."""
        rules = await self.on_all(lambda admin: admin.rule(fault_id))
        for admin, rule in zip(self._admins, rules, strict=True):
            if rule is None:
                raise InjectorRefusedError(f"the gate {admin.name} knows no rule {fault_id}")
            if rule.ended == "lease":
                raise LeaseEndedError(
                    f"the gate {admin.name} ended it with its own lease, which was not renewed"
                )
            if rule.ended:
                raise InjectorRefusedError(
                    f"the gate {admin.name} holds rule {fault_id} no longer: {rule.ended}"
                )

    async def renew(self, name: str, fault_id: str, lease_left_s: float) -> None:  # noqa: ARG002 - as above
        if lease_left_s <= 0:
            raise LeaseEndedError("its lease was over before the gate could be asked to renew it")
        lease_s = min(lease_left_s, _LEASE_S_MAX)
        try:
            await self.on_all(lambda admin: admin.renew(fault_id, lease_s))
        except InjectorRefusedError:
            await self.require_in_force(fault_id)  # says which it is, and what ended it
            raise

    async def rebuild(self, name: str, state: Undo) -> str:  # noqa: ARG002 - before, there was no rule
        """Let go of every rule at the listener: it had none when it was looked at."""

        async def empty(admin: GateAdmin) -> None:
            for rule in _in_force(await admin.state(), name):
                await admin.remove(rule.id)

        await self.on_all(empty)
        return "did not answer at first, and was then emptied of rules"

    async def survey(self) -> tuple[str, ...]:
        """A sentence for each rule in force at any listener."""
        return tuple(
            f"the listener {rule.listener} of gate {admin.name} carries the rule {rule.id} "
            f"({rule.kind}), whose lease ends in {rule.expires_in_s:.1f} s"
            for admin, state in await self._states()
            for rule in _in_force(state)
        )

    async def _states(self) -> list[tuple[GateAdmin, GateState]]:
        return list(zip(self._admins, await self.on_all(GateAdmin.state), strict=True))

    # --- watches ----------------------------------------------------------------------------

    async def watch(self, run_id: str, order: WatchOrder) -> WatchState:
        """Log the calls of one run at every replica. Repeatable."""
        self._require_any()
        return merged_watch(await self.on_all(lambda admin: admin.watch(run_id, order)))

    async def watched(self, run_id: str) -> WatchState:
        """Raises RefusalError when a replica does not watch it: its figures would be half."""
        self._require_any()
        try:
            return merged_watch(await self.on_all(lambda admin: admin.watched(run_id)))
        except NotThereError as error:
            raise _not_watched(run_id, error) from error

    async def calls(self, run_id: str) -> list[Call]:
        """Every call that was logged, by when it began. Raises like `watched`."""
        self._require_any()
        try:
            logs = await self.on_all(lambda admin: admin.calls(run_id))
        except NotThereError as error:
            raise _not_watched(run_id, error) from error
        return sorted((call for log in logs for call in log), key=lambda call: call.started_at)

    async def unwatch(self, run_id: str) -> None:
        self._require_any()
        await self.on_all(lambda admin: admin.unwatch(run_id))

    def _require_any(self) -> None:
        if not self.files:
            raise RefusalError(
                Why.CONFLICT,
                "this injector drives no gate",
                next_step="start it with --gate FILE",
            )


class GateListener:
    """One listener at every replica, as the `GatePath` that faults work on."""

    def __init__(self, gates: Gates, name: str, asked: Asked) -> None:
        self._gates = gates
        self._name = name
        self._asked = asked

    async def read(self) -> GateState:
        return merged_state(await self._gates.on_all(GateAdmin.state))

    async def arm(self, fault_id: str) -> None:
        if self._asked.lease_left_s <= 0:
            raise LeaseEndedError("its lease was over before the gate could be asked")
        injection = self._asked.injection
        rule = Rule(
            id=fault_id,
            run_id=injection.run_id,
            listener=self._name,
            fault=injection.fault,
            marker=injection.marker,
            lease_s=min(self._asked.lease_left_s, _LEASE_S_MAX),
        )
        await self._gates.on_all(lambda admin: admin.put(rule))
        await self._gates.require_in_force(fault_id)

    async def rule(self, fault_id: str) -> RuleState | None:
        return merged_rule(await self._gates.on_all(lambda admin: admin.rule(fault_id)))

    async def remove(self, fault_id: str) -> None:
        await self._gates.on_all(lambda admin: admin.remove(fault_id))


def _in_force(state: GateState, listener: str = "") -> list[RuleState]:
    return [
        rule
        for rule in state.rules
        if not rule.ended and (not listener or rule.listener == listener)
    ]


def _not_watched(run_id: str, error: NotThereError) -> RefusalError:
    return RefusalError(
        Why.UNKNOWN,
        f"run {run_id} is not watched everywhere: {error.sentence}",
        next_step="a gate that was started again has forgotten it; begin the watch anew",
    )
