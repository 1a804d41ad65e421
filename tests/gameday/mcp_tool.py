"""A real MCP server on loopback, made with the protocol's own library: one tool, two schemas."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from mcp.server.mcpserver import MCPServer
from pydantic import BaseModel

from gameday.supervisor.ports import LOOPBACK, free_port
from tests.gameday.gate.rig import until


class Order(BaseModel):
    number: str
    status: str


def made(description: str = "Looks an order up.", *, tools: int = 1) -> MCPServer:
    """tools: how many there are, all alike but for their names."""
    server = MCPServer("orders", log_level="ERROR")
    for place in range(tools):
        name = f"get_order_{place}" if place else "get_order"

        @server.tool(name=name, description=description)
        def get_order(number: str) -> Order:
            return Order(number=number, status="packed")

    return server


@asynccontextmanager
async def serving(server: MCPServer) -> AsyncIterator[str]:
    """Where its endpoint is."""
    logging.getLogger("mcp").setLevel(logging.ERROR)
    port = free_port()
    app = server.streamable_http_app()
    config = uvicorn.Config(app, host=LOOPBACK, port=port, log_level="error")
    process = uvicorn.Server(config)
    task = asyncio.create_task(process.serve())
    try:
        await until(lambda: process.started)
        yield f"http://{LOOPBACK}:{port}/mcp"
    finally:
        process.should_exit = True
        await task
