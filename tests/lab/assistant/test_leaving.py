"""What is under way for a client ends when the client leaves, and only then."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from lab.assistant.leaving import unless_client_leaves


class Client:
    """The receiving end of a request whose body has been read."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()

    async def receive(self) -> dict[str, object]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    @property
    def request(self) -> Request:
        return Request({"type": "http", "method": "POST", "headers": []}, self.receive)


async def test_a_client_that_stays_gets_its_response() -> None:
    async def work() -> Response:
        await asyncio.sleep(0.01)
        return PlainTextResponse("done")

    response = await unless_client_leaves(Client().request, work())
    assert response.body == b"done"


async def test_work_for_a_client_that_leaves_is_cancelled_and_has_ended() -> None:
    client, ended = Client(), []

    async def work() -> Response:
        try:
            client.gone.set()
            await asyncio.sleep(30)
            raise AssertionError("it went on")
        finally:
            await asyncio.sleep(0.01)
            ended.append(True)

    response = await unless_client_leaves(client.request, work())
    assert response.status_code == 499
    assert ended


async def test_what_goes_wrong_at_work_is_not_swallowed() -> None:
    async def work() -> Response:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        await unless_client_leaves(Client().request, work())
