"""Runs the order tool: python -m lab.order_tool PORT."""

import sys
from dataclasses import asdict

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.order_tool.contract import DOCUMENT
from lab.order_tool.orders import find_order
from lab.order_tool.tickets import SEED, Tickets
from lab.serving import serve


async def read_order(request: Request) -> Response:
    """One order as JSON, or 404."""
    number = request.path_params["number"]
    order = find_order(number)
    if order is None:
        return JSONResponse({"error": f"there is no order {number}"}, 404)
    return JSONResponse(asdict(order))


class TicketDesk:
    """Opens tickets, in the sandbox where it is asked to."""

    def __init__(self) -> None:
        self._books = {"real": Tickets("T", [SEED]), "sandbox": Tickets("S")}

    async def open(self, request: Request) -> Response:
        asked = await request.json()
        book = self._books["sandbox" if asked["sandbox"] else "real"]
        ticket = book.open(asked["order"], asked["about"])
        return JSONResponse({"ticket": ticket.number}, 201)

    async def count(self, request: Request) -> Response:
        book = self._books[request.path_params["book"]]
        return JSONResponse({"count": book.about(request.query_params["about"])})


def app() -> Starlette:
    """Build the tool's application."""
    desk = TicketDesk()
    routes = [
        Route("/orders/{number}", read_order),
        Route("/tickets", desk.open, methods=["POST"]),
        Route("/tickets/{book}", desk.count),
        Route("/openapi.json", lambda _: JSONResponse(DOCUMENT)),
        Route("/healthz", lambda _: JSONResponse({})),
    ]
    return Starlette(routes=routes)


if __name__ == "__main__":
    serve(app(), int(sys.argv[1]))
