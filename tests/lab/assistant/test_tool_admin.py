"""The switches of the tools: read, set, and never over somebody else's change."""

from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from lab.assistant.tool_admin import ToolAdmin
from lab.assistant.tool_switches import TOOLS, ToolSwitches

PATH = "/admin/tools"


@pytest.fixture
def switches() -> ToolSwitches:
    return ToolSwitches()


@pytest.fixture
def admin(switches: ToolSwitches) -> httpx.AsyncClient:
    app = Starlette(routes=ToolAdmin(switches).routes())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://admin")


async def test_a_tool_is_switched_off_and_on(
    admin: httpx.AsyncClient, switches: ToolSwitches
) -> None:
    first = await admin.get(PATH)
    assert first.json() == {"enabled": list(TOOLS)}
    tag = {"if-match": first.headers["etag"]}
    off = await admin.put(PATH, json={"enabled": ["tickets"]}, headers=tag)
    assert off.json() == {"enabled": ["tickets"]}
    assert not switches.uses("orders")
    late = await admin.put(PATH, json={"enabled": []}, headers=tag)
    assert late.status_code == 412
    assert switches.enabled == ("tickets",)
    again = {"if-match": off.headers["etag"]}
    await admin.put(PATH, json={"enabled": ["tickets", "orders"]}, headers=again)
    assert switches.enabled == TOOLS  # in their own order, whatever was written


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"enabled": ["shredder"]}, 404),
        ({"enabled": "orders"}, 400),
        ({"enabled": [1]}, 400),
        (["orders"], 400),
    ],
)
async def test_what_cannot_be_set_is_refused(
    admin: httpx.AsyncClient, switches: ToolSwitches, body: Any, status: int
) -> None:
    assert (await admin.put(PATH, json=body)).status_code == status
    assert (await admin.put(PATH, content=b"{")).status_code == 400
    assert switches.enabled == TOOLS
