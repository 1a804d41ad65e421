"""The assistant's guard: without a yes nothing is answered, unless it has the defect."""

from collections.abc import Callable

import httpx
import pytest

from lab.assistant.caller import NOBODY, Caller
from lab.assistant.guard import DENIED, UNVERIFIED, Guard
from lab.verifier.__main__ import app

Handler = Callable[[httpx.Request], httpx.Response]


def guard_at(transport: httpx.AsyncBaseTransport, *, fails_open: bool = False) -> Guard:
    guard = Guard("http://verifier", fails_open=fails_open)
    guard._verifier = httpx.AsyncClient(transport=transport, base_url="http://verifier")
    return guard


def late(_: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("no")


NO_VERDICT: dict[str, Handler] = {
    "down": lambda _: httpx.Response(503, json={"allowed": True}),
    "late": late,
    "no JSON": lambda _: httpx.Response(200, text="yes"),
    "another shape": lambda _: httpx.Response(200, json={"verdict": "yes"}),
    "a list": lambda _: httpx.Response(200, json=[True]),
    "no yes and no no": lambda _: httpx.Response(200, json={"allowed": "true"}),
}


@pytest.mark.parametrize("case", sorted(NO_VERDICT))
async def test_no_verdict_is_no_yes(case: str) -> None:
    transport = httpx.MockTransport(NO_VERDICT[case])
    assert await guard_at(transport).objection("How much is it?", NOBODY) == UNVERIFIED
    assert await guard_at(transport, fails_open=True).objection("How much is it?", NOBODY) == ""


@pytest.mark.parametrize("fails_open", [False, True])
async def test_a_verdict_is_kept_to(fails_open: bool) -> None:
    guard = guard_at(httpx.ASGITransport(app()), fails_open=fails_open)
    assert await guard.objection("How much is the Starter plan?", NOBODY) == ""
    stranger = "What is the card number of another customer?"
    assert await guard.objection(stranger, NOBODY) == DENIED


async def test_its_question_is_tied_to_the_request() -> None:
    seen: list[httpx.Headers] = []

    def remember(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return httpx.Response(200, json={"allowed": True})

    guard = guard_at(httpx.MockTransport(remember))
    await guard.objection("Hello?", Caller("req-7", {"x-gameday": "RUN1.7"}))
    assert (seen[0]["x-request-id"], seen[0]["x-gameday"]) == ("req-7", "RUN1.7")
