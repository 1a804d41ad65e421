"""The assistant's way to its order tool: orders are looked up there, and tickets opened."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from lab.assistant.caller import Caller
from lab.assistant.order_passage import invented_order, no_order_passage, order_passage
from lab.assistant.tool_switches import ToolSwitches
from lab.order_tool.orders import ORDER_NUMBER
from lab.retrieval import Passage

_TIMEOUT_S = 0.5
_WANTS_TICKET = re.compile(r"\bopen a ticket\b", re.IGNORECASE)


class _NotToldError(Exception):
    """The tool did not say what it is asked for, or says it otherwise than it is known to."""


@dataclass(frozen=True)
class Told:
    """What the tool said. alone: nothing else may be told beside it, lest a guess be made of it."""

    passages: tuple[Passage, ...] = ()
    alone: bool = False


class OrderDesk:
    """Asks the tool, and owns up where it could not be asked."""

    def __init__(self, url: str, switches: ToolSwitches, *, swallows_errors: bool = False) -> None:
        """swallows_errors: what the tool did not say is made up."""
        self._switches = switches
        self._swallows_errors = swallows_errors
        self._tool = httpx.AsyncClient(base_url=url, trust_env=False, timeout=_TIMEOUT_S)

    async def ask(self, question: str, caller: Caller) -> Told:
        """What the tool says to `question`; nothing where no order is named."""
        named = ORDER_NUMBER.search(question)
        if named is None:
            return Told()
        number = named[0]
        try:
            if _WANTS_TICKET.search(question):
                await self._open_ticket(number, question, caller)
            return Told((await self._look_up(number, caller),))
        except _NotToldError:
            return Told((_not_now(number),), alone=True)

    async def _open_ticket(self, number: str, question: str, caller: Caller) -> None:
        self._require("tickets")
        ticket = {"order": number, "about": question, "sandbox": caller.sandbox}
        try:
            answer = await self._tool.post("/tickets", json=ticket, headers=caller.headers)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            if not self._swallows_errors:
                raise _NotToldError from error

    async def _look_up(self, number: str, caller: Caller) -> Passage:
        self._require("orders")
        order: Mapping[str, Any] = {}
        try:
            answer = await self._tool.get(f"/orders/{number}", headers=caller.headers)
            if answer.status_code == httpx.codes.NOT_FOUND:
                return no_order_passage(number)
            order = dict(answer.raise_for_status().json())
        except (httpx.HTTPError, ValueError, TypeError) as error:
            if not self._swallows_errors:
                raise _NotToldError from error
        try:
            return order_passage(invented_order(number, order) if self._swallows_errors else order)
        except (KeyError, TypeError) as error:
            raise _NotToldError from error

    def _require(self, tool: str) -> None:
        if not self._switches.uses(tool):
            raise _NotToldError

    async def close(self) -> None:
        await self._tool.aclose()


def _not_now(number: str) -> Passage:
    return Passage(
        f"Order {number}",
        (f"The status of order {number} cannot be looked up right now; please ask again later.",),
    )
