"""The order tool's contract: its OpenAPI document."""

from typing import Any

_ORDER = {
    "type": "object",
    "description": "One order of hardware.",
    "required": ["number", "item", "status", "carrier", "expected", "total_eur"],
    "properties": {
        "number": {"type": "string", "pattern": "^TW-[0-9]{4}$"},
        "item": {"type": "string", "description": "What was ordered."},
        "status": {"type": "string", "description": "Where the order is."},
        "carrier": {"type": "string", "description": "Who brings it."},
        "expected": {"type": "string", "description": "The day on which it should arrive."},
        "total_eur": {"type": "integer", "description": "What it cost, in euro."},
    },
}
_TICKET = {
    "type": "object",
    "required": ["order", "about", "sandbox"],
    "properties": {
        "order": {"type": "string"},
        "about": {"type": "string"},
        "sandbox": {"type": "boolean", "description": "Whether nobody is to work on it."},
    },
}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Orders", "version": "1"},
    "paths": {
        "/orders/{number}": {
            "get": {
                "operationId": "read_order",
                "description": "Look one order up.",
                "parameters": [
                    {"name": "number", "in": "path", "required": True, "schema": {"type": "string"}}
                ],
                "responses": {
                    "200": {
                        "description": "The order.",
                        **_json({"$ref": "#/components/schemas/Order"}),
                    },
                    "404": {"description": "There is no such order."},
                },
            }
        },
        "/tickets": {
            "post": {
                "operationId": "open_ticket",
                "description": "Open a ticket about an order.",
                "requestBody": _json(_TICKET),
                "responses": {"201": {"description": "It is open."}},
            }
        },
    },
    "components": {"schemas": {"Order": _ORDER}},
}
