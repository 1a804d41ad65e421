"""Runs the verifier: python -m lab.verifier PORT."""

import sys

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.serving import serve
from lab.verifier.policy import objection


async def check(request: Request) -> Response:
    """The verdict on one question, and why."""
    asked = await request.json()
    because = objection(asked["question"])
    return JSONResponse({"allowed": not because, "because": because})


def app() -> Starlette:
    """Build the verifier's application."""
    routes = [
        Route("/check", check, methods=["POST"]),
        Route("/healthz", lambda _: JSONResponse({})),
    ]
    return Starlette(routes=routes)


if __name__ == "__main__":
    serve(app(), int(sys.argv[1]))
