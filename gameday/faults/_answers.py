"""What the faults share that answer in the provider's place: waits, edge pages, hollow answers."""

from dataclasses import replace
from typing import Annotated, ClassVar

from pydantic import Field

from gameday.domain.fault import Felt
from gameday.domain.quantities import Seconds
from gameday.domain.sample import Outcome
from gameday.domain.window import Window
from gameday.domain.wire import WireRequest
from gameday.faults._attempts import Effect
from gameday.faults._gate import GateFault

Wait = Annotated[Seconds, Field(ge=0.1, le=86_400, examples=["20s"])]

JSON = ("content-type", "application/json")
HTML = ("content-type", "text/html; charset=UTF-8")

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body><h1>{title}</h1><p>{text}</p><hr><p>Request {id}</p></body>
</html>
"""


class HollowFault(GateFault):
    """A fault that answers 200 with nothing in it that a user could read.

    A front door may count the attempt as good, so an answer without content shows it as well.
    """

    evidence: ClassVar[str] = "the gate's own count of changed answers, and answers without content"
    reads_request: ClassVar[bool] = True

    def effect(self, provider: str, baseline: Window) -> Effect | Felt:  # noqa: ARG002 - the contract
        return Effect(
            ends=lambda outcome: outcome is not Outcome.OK,
            one="got no good answer there",
            many="got no good answer there",
            shows_in_answer=lambda sample: not sample.good,
        )


def edge_page(title: str, text: str, request: WireRequest) -> bytes:
    """A page such as a network edge sends for people to read, where a program asked."""
    # The id came with the request: it must not become markup.
    shown = "".join(letter for letter in request.id if letter.isalnum() or letter in "-_.")
    return _PAGE.format(title=title, text=text, id=shown).encode()


def unstreamed(request: WireRequest) -> WireRequest:
    """`request` as if it had asked for the whole answer at once."""
    return replace(request, body={**request.body, "stream": False})
