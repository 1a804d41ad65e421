"""A component in memory, as a step finds it: read, set and broken as the tests tell it."""

from typing import Any

from gameday.components._value import Held, ValueBackend
from gameday.domain.component import Component
from gameday.domain.errors import ComponentUnreachableError
from gameday.domain.step import Kept


class Shelf:
    """The world behind a `MemoryBackend`."""

    def __init__(self, value: Any = "heron-4", *, stocks: tuple[Any, ...] = ("heron-4-2026-08",)):
        self.value = value
        self.stocks = set(stocks)
        self.dark = self.deaf = self.stubborn = False
        self.changes: list[Any] = []

    def kept(self, **component: Any) -> Kept:
        told = Component(
            kind="memory", settings={}, **({"previous": "heron-4-2026-08"} | component)
        )
        backend = MemoryBackend()
        backend._shelf = self
        return Kept("component lab/model", backend, told)


class MemoryBackend(ValueBackend):
    """dark: nobody answers. deaf: the change is made, and the answer lost. stubborn: says yes,
    changes nothing.
    """

    _shelf: Shelf

    @property
    def what(self) -> str:
        return "the shelf"

    async def held(self) -> Held:
        if self._shelf.dark:
            raise ComponentUnreachableError("the shelf does not answer")
        return Held(self._shelf.value)

    async def put(self, value: Any, before: Held) -> None:
        self._shelf.changes.append(value)
        if not self._shelf.stubborn:
            self._shelf.value = value
        if self._shelf.deaf:
            self._shelf.deaf = False
            raise ComponentUnreachableError("the shelf does not answer PUT")

    @property
    def asks_ready(self) -> bool:
        return True

    async def ready(self, to: Any) -> str:
        return "" if to in self._shelf.stocks else f"{to} is not to be had"
