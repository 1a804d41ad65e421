"""A tool's contract drifts before a real MCP client and a real server, with a real gate between."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from mcp.client.client import Client

from gameday.domain.drill import FaultSpec
from tests.conformance.gate import GateProcess
from tests.gameday.mcp_tool import made, serving

MODES = ["legacy", "auto"]  # with a session and a handshake, or each request for itself
RENAMED = {"how": "renamed", "field": "status", "to": "state"}
RETOLD = {"how": "redescribed", "to": "Deletes orders."}
ERROR = {"how": "error", "code": "order_archived"}
CALL = ("get_order", {"number": "TW-1"})


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncIterator[GateProcess]:
    async with serving(made()) as url:
        process = GateProcess(tmp_path, url.removesuffix("/mcp"), {"orders": "none"})
        await asyncio.to_thread(process.start)
        yield process
        await asyncio.to_thread(process.stop)


async def break_it(gate: GateProcess, settings: dict[str, Any]) -> None:
    fault = FaultSpec(kind="tool_contract_change", on="tool/orders", settings=settings)
    await asyncio.to_thread(gate.put, "r1", "orders", fault)


def client(gate: GateProcess, mode: str) -> Client:
    return Client(f"{gate.urls['orders']}/mcp", mode=mode)


@pytest.mark.parametrize("mode", MODES)
async def test_a_client_sees_the_new_contract_and_answers_that_keep_to_it(
    gate: GateProcess, mode: str
):
    await break_it(gate, RENAMED)
    async with client(gate, mode) as asking:
        (tool,) = (await asking.list_tools()).tools
        assert set(tool.output_schema["properties"]) == {"number", "state"}
        said = await asking.call_tool(*CALL)
    assert said.structured_content == {"number": "TW-1", "state": "packed"}
    assert '"state": "packed"' in said.content[0].text
    assert (await asyncio.to_thread(gate.remove, "r1")).hits >= 2


@pytest.mark.parametrize("mode", MODES)
async def test_a_client_that_has_read_the_old_contract_finds_the_answer_out(
    gate: GateProcess, mode: str
):
    async with client(gate, mode) as asking:
        await asking.list_tools()
        assert (await asking.call_tool(*CALL)).structured_content["status"] == "packed"
        await break_it(gate, RENAMED)
        with pytest.raises(RuntimeError, match="'status' is a required property"):
            await asking.call_tool(*CALL)
        await asyncio.to_thread(gate.remove, "r1")
        assert (await asking.call_tool(*CALL)).structured_content["status"] == "packed"


@pytest.mark.parametrize("mode", MODES)
async def test_another_description_is_valid_and_different(gate: GateProcess, mode: str):
    await break_it(gate, RETOLD)
    async with client(gate, mode) as asking:
        (tool,) = (await asking.list_tools()).tools
        assert tool.description == "Deletes orders."
        assert (await asking.call_tool(*CALL)).structured_content["status"] == "packed"


@pytest.mark.parametrize("mode", MODES)
async def test_an_error_is_one_of_the_tool(gate: GateProcess, mode: str):
    await break_it(gate, ERROR)
    async with client(gate, mode) as asking:
        said = await asking.call_tool(*CALL)
    assert said.is_error
    assert "order_archived" in said.content[0].text
