"""Turns an exchange that has ended into a sample: what the client saw, scored and priced."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from gameday.domain.front_door import FrontDoor
from gameday.domain.price import Price
from gameday.domain.sample import Outcome, Sample
from gameday.domain.scorer import Answered, Models, ToolCall
from gameday.domain.scoring import UNSCORED, Rated, Scored
from gameday.domain.sketch import sketch_of
from gameday.probes.answer import Answer
from gameday.probes.arrival import Headers
from gameday.probes.attempts import parse_attempts
from gameday.probes.exchange import Exchange

EXCERPT_CHARACTERS_MAX = 200


class Sampling:
    """Of one front door's exchanges."""

    def __init__(self, door: FrontDoor, prices: Mapping[str, Price], generator: int) -> None:
        self._door = door
        self._prices = prices
        self._generator = generator
        self._served_by = door.served_by_header.lower().encode()
        self._attempts = door.attempts_header.lower().encode()
        self._version = door.version_header.lower().encode()
        sources = door.sources_header
        self._sources = None if sources is None else sources.lower().encode()

    def sample(self, exchange: Exchange, models: Models | None = None) -> Sample:
        """What the client saw of an exchange that has ended.

        models: for scorers that ask one, which may take long; without them their score is missing.
        """
        answer, due, question = exchange.answer, exchange.due, exchange.question
        headers, text = exchange.headers, answer.text
        outcome, detail = exchange.outcome()
        finished_at = exchange.finished_at or time.monotonic()
        latency_ms = (finished_at - due.at) * 1000
        spent_usd = self._spent_usd(answer)
        turn = exchange.talk.turn
        turns_left = len(question.then) - turn
        rating = UNRATED
        if outcome is Outcome.OK and not turns_left:
            rating = self._rate(exchange, latency_ms, spent_usd, models)
        to_wall = time.time() - time.monotonic()
        return Sample(
            seq=due.seq,
            case=question.case,
            case_group=question.group,
            group=due.group,
            generator=self._generator,
            turn=turn,
            turns_left=turns_left,
            tenant=question.tenant,
            user=due.user,
            feature=question.feature,
            intended_at=datetime.fromtimestamp(to_wall + due.at, UTC),
            finished_at=datetime.fromtimestamp(to_wall + finished_at, UTC),
            send_lag_ms=max(0.0, (exchange.sent_at - due.at) * 1000),
            latency_ms=latency_ms,
            ttft_ms=None if answer.first_at is None else (answer.first_at - due.at) * 1000,
            gap_ms_mean=answer.gap_s_sum / answer.gaps * 1000 if answer.gaps else None,
            gap_ms_max=answer.gap_s_max * 1000 if answer.gaps else None,
            outcome=outcome,
            detail=detail or rating.scored.problem,
            status=exchange.status,
            finish_reason=answer.finish_reason,
            served_by=self._door.provider_named(
                answer.served_by or _text(headers, self._served_by)
            ),
            attempts=parse_attempts(_text(headers, self._attempts)),
            model=answer.model,
            fingerprint=answer.fingerprint,
            version=answer.version or _text(headers, self._version),
            request_id=exchange.request_id,
            tokens_in=answer.tokens_in,
            tokens_in_cached=answer.tokens_in_cached,
            tokens_out=answer.tokens_out,
            tokens_out_reasoning=answer.tokens_out_reasoning,
            cost_usd=spent_usd or 0.0,
            scores=rating.scored.scores,
            seals=rating.seals,
            quality=rating.scored.quality,
            passed=rating.scored.passed,
            answer_chars=len(text),
            answer_excerpt=text[:EXCERPT_CHARACTERS_MAX],
            sketch=rating.sketch,
        )

    def _rate(
        self,
        exchange: Exchange,
        latency_ms: float,
        spent_usd: float | None,
        models: Models | None,
    ) -> "_Rating":
        answer, question = exchange.answer, exchange.question
        sources = answer.sources
        answered = Answered(
            answer.text,
            answer.finish_reason,
            _tool_calls(answer),
            self._sources_in(exchange.headers) if sources is None else sources,
            latency_ms,
            spent_usd,
            question.turn(exchange.talk.turn),
            models,
        )
        pieces = question.sketch_pieces
        return _Rating(
            Scored.of(question.rated, answered),
            _sealed(question.seals, answered) if question.seals else {},
            sketch_of(answer.text, pieces) if pieces else "",
        )

    def _spent_usd(self, answer: Answer) -> float | None:
        """What the answer cost: as it tells itself, or by its usage; None without a price."""
        if self._door.costs == "told" and answer.cost_told_usd is not None:
            return answer.cost_told_usd
        price = self._prices.get(answer.model or "")
        if price is None:
            return None
        read = price.input_usd(answer.tokens_in, answer.tokens_in_cached)
        return read + price.output_usd(answer.tokens_out, answer.tokens_out_reasoning)

    def _sources_in(self, headers: Headers) -> tuple[str, ...] | None:
        named = None if self._sources is None else _text(headers, self._sources)
        return None if named is None else tuple(one.strip() for one in named.split(",") if one)


class _Rating(NamedTuple):
    """What is made of a good answer beside what the client saw."""

    scored: Scored
    seals: Mapping[str, float]
    sketch: str


UNRATED = _Rating(UNSCORED, {}, "")


def _tool_calls(answer: Answer) -> tuple[ToolCall, ...] | None:
    if not answer.calls:
        return None if answer.calls is None else ()
    calls = (answer.calls[place] for place in sorted(answer.calls))
    return tuple(ToolCall(call.name, call.arguments or "{}") for call in calls)


def _sealed(seals: tuple[Rated, ...], answered: Answered) -> dict[str, float]:
    """What could be told; a check counts what is missing as not looked at."""
    marks = [seal.mark(answered) for seal in seals]
    return {mark.name: mark.score for mark in marks if mark.score is not None}


def _text(headers: Headers, name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")
