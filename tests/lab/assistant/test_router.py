"""The fallback chain over providers that fail: who is asked, how often, and when nobody is."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from gameday.domain.sample import Outcome
from lab.assistant.attempt import AttemptError
from lab.assistant.dialect import Ask
from lab.assistant.router import NobodyAnsweredError, Router
from lab.assistant.settings import AssistantSettings
from lab.defects import read_defect
from tests.lab.assistant.staged_provider import (
    CUT,
    DONE,
    FINISH,
    PIECE,
    SILENT,
    STREAM,
    WHOLE,
    Said,
    StagedProvider,
    error,
    staged,
)

ASK = Ask("Be kind.", "Who?", "req_1")
# So long that no trial falls into a test that does not wait for one.
LONG = {"caution": {"cooldown_s": 30.0}}


@dataclass
class Chain:
    """A router over two staged providers."""

    router: Router
    primary: StagedProvider
    secondary: StagedProvider

    async def ask(self) -> list[str]:
        """The way of one request, as provider=outcome."""
        try:
            routed = await self.router.answer(ASK)
        except NobodyAnsweredError as nobody:
            return [f"{attempt.provider}={attempt.outcome}" for attempt in nobody.attempts]
        try:
            async for _ in routed.texts():
                pass
        except AttemptError:
            pass
        finally:
            await routed.close()
        return [f"{attempt.provider}={attempt.outcome}" for attempt in routed.attempts]

    @property
    def calls(self) -> tuple[int, int]:
        return self.primary.calls, self.secondary.calls


@asynccontextmanager
async def chain(
    primary: Said = WHOLE,
    secondary: Said = WHOLE,
    asked_first: Callable[[], str] | None = None,
    **settings: Any,
) -> AsyncIterator[Chain]:
    async with staged("primary", primary) as first, staged("secondary", secondary) as second:
        router = Router(
            AssistantSettings(
                port=1,
                chain=(first.upstream, second.upstream),
                order_tool="http://127.0.0.1:1",
                **settings,
            ),
            first=asked_first,
        )
        yield Chain(router, first, second)
        await router.close()


def defect(name: str) -> dict[str, Any]:
    return read_defect(name).assistant


async def comes_to(both: Chain, way: list[str], within_s: float = 15.0) -> None:
    """Ask until a request takes this way."""
    until_s = time.monotonic() + within_s
    while await both.ask() != way:
        assert time.monotonic() < until_s, f"no request took the way {way}"
        await asyncio.sleep(0.05)


# --- healthy ----------------------------------------------------------------------------------


async def test_a_healthy_primary_is_asked_alone() -> None:
    async with chain() as both:
        assert [await both.ask() for _ in range(5)] == [["primary=ok"]] * 5
        assert both.calls == (5, 0)


@pytest.mark.parametrize(
    ("says", "outcome"),
    [
        (error(500), Outcome.HTTP_ERROR),
        (SILENT, Outcome.TIMEOUT),
        (Said([STREAM, PIECE, PIECE, FINISH, DONE], gap_s=0.35), Outcome.TIMEOUT),
        (Said([STREAM, PIECE]), Outcome.MALFORMED),
        (Said([STREAM, b"<html>"]), Outcome.MALFORMED),
    ],
    ids=["error", "silent", "trickles", "cut-early", "html"],
)
async def test_who_does_not_begin_in_time_is_left_for_the_next(
    says: Said, outcome: Outcome
) -> None:
    async with chain(says) as both:
        assert await both.ask() == [f"primary={outcome}", "secondary=ok"]
        assert both.calls == (1, 1)


async def test_the_last_of_the_chain_gets_more_time() -> None:
    slow = Said([STREAM, PIECE, PIECE, FINISH, DONE], gap_s=0.15)  # begun after 0.45 s
    patience = {"begin_s": 0.2, "begin_at_last_s": 5.0, "attempts_s": 10.0}
    async with chain(slow, slow, patience=patience) as both:
        assert await both.ask() == ["primary=timeout", "secondary=ok"]


async def test_who_is_asked_first_gets_it_too_while_nobody_stands_by() -> None:
    """As when traffic has been moved away from a provider that is down."""
    slow = Said([STREAM, PIECE, PIECE, FINISH, DONE], gap_s=0.15)
    settings = {
        "patience": {"begin_s": 0.2, "begin_at_last_s": 5.0, "attempts_s": 10.0},
        "caution": {"cooldown_s": 60.0},
    }
    first = "primary"
    async with chain(error(401), slow, asked_first=lambda: first, **settings) as both:
        await comes_to(both, ["secondary=ok"])  # the primary is left alone by now
        first = "secondary"
        assert await both.ask() == ["secondary=ok"]


async def test_nobody_goes_on_with_an_answer_that_was_cut() -> None:
    async with chain(CUT) as both:
        assert await both.ask() == ["primary=cut"]
        assert both.secondary.calls == 0


async def test_a_refusal_is_not_put_to_another_provider() -> None:
    refused = Said([STREAM, PIECE.replace(b"content", b"refusal"), FINISH, DONE])
    for says in (refused, error(400, "content_filter")):
        async with chain(says, **LONG) as both:
            assert [await both.ask() for _ in range(5)] == [["primary=ok"]] * 5
            assert both.secondary.calls == 0


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_what_is_hopeless_is_asked_once(status: int) -> None:
    async with chain(error(status), **LONG) as both:
        assert await both.ask() == ["primary=http_error", "secondary=ok"]
        assert [await both.ask() for _ in range(4)] == [["secondary=ok"]] * 4
        assert both.primary.calls == 1


async def test_a_used_up_quota_is_asked_once() -> None:
    async with chain(error(429, "insufficient_quota"), **LONG) as both:
        assert [len(await both.ask()) for _ in range(5)] == [2, 1, 1, 1, 1]
        assert both.calls == (1, 5)


async def test_a_request_that_does_not_fit_counts_but_does_not_open_at_once() -> None:
    async with chain(error(400, "context_length_exceeded"), **LONG) as both:
        assert [len(await both.ask()) for _ in range(5)] == [2, 2, 2, 1, 1]


@pytest.mark.parametrize("status", [429, 503])
async def test_who_asks_for_a_pause_gets_one_and_nobody_waits(status: int) -> None:
    async with chain(error(status, "slow_down", retry_after="60")) as both:
        began_s = time.monotonic()
        ways = [await both.ask() for _ in range(5)]
        assert time.monotonic() - began_s < 4.0
        assert ways == [["primary=http_error", "secondary=ok"], *[["secondary=ok"]] * 4]
        assert both.primary.calls == 1


async def test_a_long_pause_is_cut_short_and_the_primary_comes_back() -> None:
    limited = error(429, "slow_down", retry_after="60")
    async with chain(limited, caution={"retry_after_s_max": 0.4}) as both:
        await both.ask()
        both.primary.says = WHOLE
        await comes_to(both, ["primary=ok"])
        assert [await both.ask() for _ in range(5)] == [["primary=ok"]] * 5


async def test_when_all_are_left_alone_nobody_is_called() -> None:
    async with chain(error(503), error(503), **LONG) as both:
        assert [len(await both.ask()) for _ in range(5)] == [2, 2, 2, 0, 0]
        assert both.calls == (3, 3)
        with pytest.raises(NobodyAnsweredError) as nobody:
            await both.router.answer(ASK)
        assert 20 < nobody.value.retry_after_s <= 30


async def test_when_all_are_left_alone_a_trial_brings_them_back() -> None:
    async with chain(error(503), error(503), caution={"cooldown_s": 0.2}) as both:
        for _ in range(4):
            await both.ask()
        both.primary.says = both.secondary.says = WHOLE
        await comes_to(both, ["primary=ok"])


async def test_a_request_that_nobody_answers_ends_within_its_time() -> None:
    async with chain(SILENT, SILENT, patience={"attempts_s": 0.6}, **LONG) as both:
        began_s = time.monotonic()
        assert await both.ask() == ["primary=timeout", "secondary=timeout"]
        assert time.monotonic() - began_s < 3.0


async def test_one_request_spends_no_more_attempts_than_its_budget() -> None:
    async with chain(error(503), patience={"attempts_max": 1}) as both:
        assert await both.ask() == ["primary=http_error"]
        assert both.secondary.calls == 0


async def test_a_provider_that_fails_now_and_then_is_left_alone_too() -> None:
    async with chain(**LONG) as both:
        ways = []
        for turn in range(12):
            both.primary.says = WHOLE if turn % 4 else error(500)
            ways.append(await both.ask())
        assert ways[-1] == ["secondary=ok"]
        assert both.primary.calls == 9


# --- with a defect ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "says", "tries"),
    [
        ("retry_storm", error(500), 4),
        ("retry_storm=20", error(503, retry_after="60"), 20),
        ("ignores_retry_after", error(429, retry_after="60"), 3),
        ("retries_unretryable", error(429, "insufficient_quota"), 3),
        ("retries_unretryable", error(401), 3),
        ("retries_unretryable", error(404), 3),
        ("retries_unretryable=5", error(400), 5),
    ],
)
async def test_who_asks_again_does_so_for_every_request(name: str, says: Said, tries: int) -> None:
    async with chain(says, **defect(name)) as both:
        for _ in range(4):
            assert await both.ask() == [*["primary=http_error"] * tries, "secondary=ok"]
        assert both.calls == (4 * tries, 4)


@pytest.mark.parametrize("name", ["ignores_retry_after", "retries_unretryable"])
async def test_what_a_defect_is_not_about_is_as_in_a_healthy_one(name: str) -> None:
    async with chain(error(500), **defect(name)) as both:
        assert await both.ask() == ["primary=http_error", "secondary=ok"]


async def test_a_retry_storm_hits_every_provider() -> None:
    async with chain(error(500), error(500), **defect("retry_storm=4")) as both:
        assert len(await both.ask()) == 8
        assert both.calls == (4, 4)


async def test_who_waits_for_retry_after_waits_for_every_request() -> None:
    limited = error(429, retry_after="60")
    async with chain(limited, **defect("waits_for_retry_after=700ms")) as both:
        for _ in range(2):
            began_s = time.monotonic()
            assert await both.ask() == [*["primary=http_error"] * 2, "secondary=ok"]
            assert time.monotonic() - began_s >= 0.7


async def test_who_waits_for_retry_after_waits_no_longer_than_asked() -> None:
    async with chain(error(429, retry_after="0.1"), **defect("waits_for_retry_after")) as both:
        async with asyncio.timeout(10):
            assert len(await both.ask()) == 3


async def test_without_a_deadline_a_slow_provider_is_waited_for() -> None:
    slow = Said([STREAM, PIECE, PIECE, FINISH, DONE], gap_s=0.6)
    async with chain(slow, **defect("no_deadline")) as both:
        assert await both.ask() == ["primary=ok"]


async def test_a_breaker_that_never_closes_stays_with_trials() -> None:
    settings = {"caution": {**defect("breaker_never_closes")["caution"], "cooldown_s": 0.2}}
    async with chain(error(500), **settings) as both:
        for _ in range(3):
            await both.ask()
        both.primary.says = WHOLE
        served = []
        until_s = time.monotonic() + 2.0
        while time.monotonic() < until_s:
            served.append((await both.ask())[-1])
        assert "primary=ok" in served
        assert served.count("primary=ok") <= 11  # one for each cooldown


async def test_what_never_fails_back_still_leaves_the_secondary_only_for_a_while() -> None:
    settings = {"caution": {**defect("never_fails_back")["caution"], "cooldown_s": 0.2}}
    async with chain(error(500), error(500), **settings) as both:
        for _ in range(4):
            await both.ask()
        both.primary.says = both.secondary.says = WHOLE
        await comes_to(both, ["secondary=ok"])
        assert both.primary.calls == 3
