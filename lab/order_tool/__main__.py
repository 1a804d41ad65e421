"""Runs the order tool: python -m lab.order_tool PORT."""

import sys
from dataclasses import asdict

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.order_tool.orders import find_order
from lab.serving import serve


async def read_order(request: Request) -> Response:
    """One order as JSON, or 404."""
    number = request.path_params["number"]
    order = find_order(number)
    if order is None:
        return JSONResponse({"error": f"there is no order {number}"}, 404)
    return JSONResponse(asdict(order))


def app() -> Starlette:
    """Build the tool's application."""
    routes = [
        Route("/orders/{number}", read_order),
        Route("/healthz", lambda _: JSONResponse({})),
    ]
    return Starlette(routes=routes)


if __name__ == "__main__":
    serve(app(), int(sys.argv[1]))
