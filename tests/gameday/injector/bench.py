"""A keeper with a clock in hand, for tests that need no other process."""

import asyncio
import errno
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from gameday.domain.drill import FaultSpec, Scope
from gameday.domain.fault import Fault
from gameday.domain.policy import Policy, Rule
from gameday.domain.respond_rule import RespondRule
from gameday.injector import journal as journal_module
from gameday.injector.act import make_act
from gameday.injector.acts import ActKeeper
from gameday.injector.components import Components
from gameday.injector.journal import UndoJournal
from gameday.injector.keeper import FaultKeeper
from gameday.injector.port import Port
from gameday.injector.refusal import RefusalError, Why
from tests.gameday.injector.memory_port import MemoryPort

ALLOW = Policy(
    policy="tests",
    allow=(
        Rule(target="lab", environment="*", on="*", kinds=("*",), scopes=(Scope.ALL, Scope.MARKED)),
        Rule(
            target="guarded",
            environment="*",
            on="*",
            kinds=("latency",),
            scopes=(Scope.ALL,),
            approvals=2,
        ),
    ),
    respond=(RespondRule(target="lab", environment="*", on="*", kinds=("*",), approvals=0),),
)


class Bench:
    """A keeper with a clock in hand, on a port in memory, and on others if there are."""

    def __init__(
        self,
        folder: Path,
        make: Callable[[FaultSpec], Fault] = make_act,
        others: Mapping[str, Port] | None = None,
    ) -> None:
        self.path = folder / "undo.jsonl"
        self.now_s = 1000.0
        self.port = MemoryPort("primary", "secondary")
        self.make = make
        self.others = dict(others or {})
        self.restart()

    def restart(self) -> None:
        """As after kill -9: nothing is left but the journal and the world."""
        self.journal = UndoJournal(self.path)
        self.keeper = FaultKeeper(
            self.journal,
            {"toxiproxy": self.port, **self.others},
            self.make,
            policy=ALLOW,
            clock=lambda: self.now_s,
        )
        components = self.others.get("component")
        known = components if isinstance(components, Components) else Components([])
        self.acts = ActKeeper(self.journal, self.keeper, known)

    async def pass_time(self, seconds: float) -> None:
        self.now_s += seconds
        await asyncio.gather(*self.keeper.tick())


async def refused(doing, why: Why, says: str) -> RefusalError:
    with pytest.raises(RefusalError, match=says) as caught:
        await doing
    assert caught.value.why is why
    return caught.value


def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(journal_module.os, "fsync", no_space)
