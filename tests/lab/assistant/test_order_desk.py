"""What the assistant makes of its tool: an answer, an honest no, and with the defect a lie."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from lab.assistant.caller import NOBODY, Caller
from lab.assistant.order_desk import OrderDesk, Told
from lab.assistant.tool_switches import ToolSwitches
from lab.order_tool.__main__ import app

ASKED = "What is the status of order TW-1088?"
NOT_NOW = "The status of order TW-1088 cannot be looked up right now; please ask again later."
ORDER = {
    "number": "TW-1088",
    "item": "cash drawer",
    "status": "packed",
    "carrier": "UPS",
    "expected": "18 August",
    "total_eur": 160,
}


def desk_at(
    transport: httpx.AsyncBaseTransport,
    switches: ToolSwitches | None = None,
    *,
    swallows_errors: bool = False,
) -> OrderDesk:
    desk = OrderDesk("http://tool", switches or ToolSwitches(), swallows_errors=swallows_errors)
    desk._tool = httpx.AsyncClient(transport=transport, base_url="http://tool")
    return desk


def saying(document: Any, status: int = 200) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(status, json=document))


def failing(error: Callable[[str], httpx.HTTPError]) -> httpx.MockTransport:
    def fail(_: httpx.Request) -> httpx.Response:
        raise error("no")

    return httpx.MockTransport(fail)


def sentences(told: Told) -> list[str]:
    return [sentence for passage in told.passages for sentence in passage.sentences]


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in ORDER.items() if name not in names}


# What a tool says when its contract has drifted, or it fails.
DRIFTED = {
    "renamed": saying({**without("status"), "state": "packed"}),
    "null": saying({**ORDER, "status": None}),
    "a list": saying([ORDER]),
    "no JSON": httpx.MockTransport(lambda _: httpx.Response(200, text="packed")),
    "an error": saying({"error": {"code": "order_archived"}}, 410),
    "down": saying({}, 503),
    "refused": failing(httpx.ConnectError),
    "late": failing(httpx.ReadTimeout),
}


async def test_nothing_is_asked_where_no_order_is_named() -> None:
    desk = desk_at(failing(httpx.ConnectError))
    assert await desk.ask("How long is the trial?", NOBODY) == Told()


async def test_an_order_that_is_not_there_is_said_not_to_be_there() -> None:
    told = await desk_at(httpx.ASGITransport(app())).ask("Where is TW-0000?", NOBODY)
    assert sentences(told) == ["The status of order TW-0000: there is no order with it."]
    assert not told.alone


@pytest.mark.parametrize("drift", sorted(DRIFTED))
async def test_what_the_tool_does_not_say_is_owned_up_to(drift: str) -> None:
    told = await desk_at(DRIFTED[drift]).ask(ASKED, NOBODY)
    assert sentences(told) == [NOT_NOW]
    assert told.alone


@pytest.mark.parametrize("drift", sorted(DRIFTED))
async def test_with_the_defect_it_is_made_up(drift: str) -> None:
    told = await desk_at(DRIFTED[drift], swallows_errors=True).ask(ASKED, NOBODY)
    assert "The status of order TW-1088 is: on its way, with" in sentences(told)[0]
    assert not told.alone


async def test_with_the_defect_what_the_tool_says_still_counts() -> None:
    told = await desk_at(saying(ORDER), swallows_errors=True).ask(ASKED, NOBODY)
    assert told == await desk_at(saying(ORDER)).ask(ASKED, NOBODY)
    assert "packed, with UPS" in sentences(told)[0]


async def test_a_tool_that_is_switched_off_is_not_asked() -> None:
    asked: list[httpx.Request] = []

    def remember(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(201 if request.method == "POST" else 200, json=ORDER)

    switches = ToolSwitches()
    desk = desk_at(httpx.MockTransport(remember), switches)
    switches.write(["tickets"])
    assert sentences(await desk.ask(ASKED, NOBODY)) == [NOT_NOW]
    assert not asked
    switches.write(["orders"])
    assert (await desk.ask("Open a ticket about TW-1088", NOBODY)).alone
    assert not asked
    switches.write(["orders", "tickets"])
    assert not (await desk.ask("Open a ticket about TW-1088", NOBODY)).alone
    assert [request.method for request in asked] == ["POST", "GET"]


async def test_calls_are_tied_to_the_request_that_they_are_made_for() -> None:
    seen: list[httpx.Headers] = []

    def remember(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return httpx.Response(200, json=ORDER)

    caller = Caller("req-7", {"x-gameday": "RUN1.7"})
    await desk_at(httpx.MockTransport(remember)).ask(ASKED, caller)
    assert (seen[0]["x-request-id"], seen[0]["x-gameday"]) == ("req-7", "RUN1.7")


async def test_a_ticket_that_cannot_be_opened_is_owned_up_to() -> None:
    def full(request: httpx.Request) -> httpx.Response:
        return httpx.Response(507 if request.method == "POST" else 200, json=ORDER)

    about = "Open a ticket about TW-1088"
    assert (await desk_at(httpx.MockTransport(full)).ask(about, NOBODY)).alone
    lying = desk_at(httpx.MockTransport(full), swallows_errors=True)
    assert not (await lying.ask(about, NOBODY)).alone


@pytest.mark.parametrize(("sandbox", "real", "apart"), [(False, 1, 0), (True, 0, 1)])
async def test_a_ticket_is_opened_where_it_belongs(sandbox: bool, real: int, apart: int) -> None:
    desk, caller = desk_at(httpx.ASGITransport(app())), Caller(sandbox=sandbox)
    await desk.ask("Open a ticket about TW-1088, says Ada", caller)
    await desk.ask("Where is the ticket about TW-1088, asks Bob?", caller)
    for book, wanted in (("real", real), ("sandbox", apart)):
        counted = await desk._tool.get(f"/tickets/{book}", params={"about": "Ada"})
        assert counted.json() == {"count": wanted}
        nobody = await desk._tool.get(f"/tickets/{book}", params={"about": "Bob"})
        assert nobody.json() == {"count": 0}
