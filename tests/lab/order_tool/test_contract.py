"""The order tool answers as its OpenAPI document says."""

import httpx
import jsonschema

from lab.order_tool.__main__ import app
from lab.order_tool.contract import DOCUMENT
from lab.order_tool.orders import _ROWS


async def test_it_answers_as_its_contract_says() -> None:
    transport = httpx.ASGITransport(app())
    async with httpx.AsyncClient(transport=transport, base_url="http://tool") as tool:
        document = (await tool.get("/openapi.json")).json()
        schema = document["components"]["schemas"]["Order"]
        for number, *_ in _ROWS:
            order = (await tool.get(f"/orders/{number}")).json()
            jsonschema.validate(order, schema)
            assert set(order) == set(schema["properties"]) == set(schema["required"])
        assert document == DOCUMENT
        assert set(document["paths"]) == {"/orders/{number}", "/tickets"}
