"""Turns an exchange that has ended into a sample: what the client saw, scored and priced."""

import time
from collections.abc import Mapping
from operator import sub

from gameday.domain.columns import moment
from gameday.domain.front_door import FrontDoor
from gameday.domain.price import Price
from gameday.domain.sample import FIELDS, Attempt, Outcome, Sample, Values
from gameday.domain.scorer import Answered, Models, ToolCall
from gameday.domain.scoring import UNSCORED, Rated, Scored
from gameday.domain.sketch import sketch_of
from gameday.probes.answer import Answer
from gameday.probes.attempts import parse_attempts
from gameday.probes.exchange import Exchange
from gameday.probes.head import Head
from gameday.store.redaction import USUAL, Redactor
from gameday.store.samples import EXCERPT_CHARACTERS_MAX

# Twice what is stored: what must be taken out at its end is then there as a whole.
_EXCERPT_CHARACTERS_MAX = 2 * EXCERPT_CHARACTERS_MAX
_DETAIL_CHARACTERS_MAX = 120
NO_SEALS: Mapping[str, float] = {}

# What is made of a good answer beside what the client saw: its scores, its seals and its sketch.
Rating = tuple[Scored, Mapping[str, float], str]
UNRATED: Rating = UNSCORED, NO_SEALS, ""


class Sampling:
    """Of one front door's exchanges."""

    def __init__(
        self,
        door: FrontDoor,
        prices: Mapping[str, Price],
        generator: int = 0,
        redactor: Redactor = USUAL,
    ) -> None:
        self._door = door
        # Of what others say, nothing is kept as it came.
        self._again, self._name = redactor.again, redactor.name
        self._prices = prices
        self._generator = generator
        said = door.served_by_header, door.attempts_header, door.version_header
        self._names = tuple(name.lower() for name in said)
        self._told_costs = door.costs == "told"
        sources = door.sources_header
        self._sources = None if sources is None else sources.lower()

    def values(self, exchange: Exchange, models: Models | None = None) -> Values:
        """What the client saw of an exchange that has ended; its times in microseconds.

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
        scored, seals, sketch = rating
        to_wall = time.time() - time.monotonic()
        intended_at_us = round((to_wall + due.at) * 1e6)
        finished_at_us = round((to_wall + finished_at) * 1e6)
        send_lag_ms = max(0.0, (exchange.sent_at - due.at) * 1000)
        ttft_ms, gap_ms_mean, gap_ms_max = _gaps(answer, due.at)
        named, tried, version = headers.get_all(self._names)
        served_by = self._door.provider_named(answer.served_by or named)
        name, detail = self._name, self._again(detail or scored.problem)[:_DETAIL_CHARACTERS_MAX]
        return (  # in the order of FIELDS
            due.seq, question.case, question.group, due.group, self._generator, turn, turns_left,
            _since_ms(exchange.talk.began_at, due.at), question.tenant, due.user,
            question.feature, intended_at_us, finished_at_us, send_lag_ms,
            latency_ms, ttft_ms, gap_ms_mean, gap_ms_max, outcome,
            detail, exchange.status, name(answer.finish_reason), name(served_by),
            self._tried(tried) if tried else (), name(answer.model), name(answer.fingerprint),
            name(answer.version or version), exchange.request_id,
            answer.tokens_in, answer.tokens_in_cached, answer.tokens_out,
            answer.tokens_out_reasoning, spent_usd or 0.0, scored.scores, seals, scored.quality,
            scored.passed, len(text), text[:_EXCERPT_CHARACTERS_MAX], sketch,
        )  # fmt: skip

    def sample(self, exchange: Exchange) -> Sample:
        """The same as a sample."""
        fields = dict(zip(FIELDS, self.values(exchange), strict=True))
        times = {name: moment(fields[name]) for name in ("intended_at", "finished_at")}
        return Sample(**fields | times)

    def _tried(self, header: str) -> tuple[Attempt, ...]:
        return tuple(
            one._replace(provider=self._name(one.provider) or "") for one in parse_attempts(header)
        )

    def _rate(
        self,
        exchange: Exchange,
        latency_ms: float,
        spent_usd: float | None,
        models: Models | None,
    ) -> Rating:
        answer, question = exchange.answer, exchange.question
        text, asked, sources = answer.text, question.turn(exchange.talk.turn), answer.sources
        if sources is None:
            sources = self._sources_in(exchange.headers)
        answered = Answered(
            text,
            answer.finish_reason,
            _tool_calls(answer),
            sources,
            latency_ms,
            spent_usd,
            asked,
            models,
        )
        scored, pieces = Scored.of(question.rated, answered), question.sketch_pieces
        seals = _sealed(question.seals, answered) if question.seals else NO_SEALS
        return scored, seals, sketch_of(text, pieces) if pieces else ""

    def _spent_usd(self, answer: Answer) -> float | None:
        """What the answer cost: as it tells itself, or by its usage; None without a price."""
        if self._told_costs and answer.cost_told_usd is not None:
            return answer.cost_told_usd
        price = self._prices.get(answer.model or "")
        if price is None:
            return None
        return price.usd(
            answer.tokens_in,
            answer.tokens_in_cached,
            answer.tokens_out,
            answer.tokens_out_reasoning,
        )

    def _sources_in(self, headers: Head) -> tuple[str, ...] | None:
        if self._sources is None:
            return None
        named = headers.get(self._sources)
        return None if named is None else tuple(one.strip() for one in named.split(",") if one)


def _gaps(answer: Answer, due_at: float) -> tuple[float | None, float | None, float | None]:
    """Of a stream, in ms: to its first content, and between its contents on average and at most."""
    times = answer.times
    if not times:
        return None, None, None
    ttft_ms = (times[0] - due_at) * 1000
    if len(times) == 1:
        return ttft_ms, None, None
    mean_s = (times[-1] - times[0]) / (len(times) - 1)
    return ttft_ms, mean_s * 1000, max(map(sub, times[1:], times)) * 1000


def _tool_calls(answer: Answer) -> tuple[ToolCall, ...] | None:
    if not answer.calls:
        return None if answer.calls is None else ()
    calls = (answer.calls[place] for place in sorted(answer.calls))
    return tuple(ToolCall(call.name, call.arguments or "{}") for call in calls)


def _sealed(seals: tuple[Rated, ...], answered: Answered) -> dict[str, float]:
    """What could be told; a check counts what is missing as not looked at."""
    marks = [seal.mark(answered) for seal in seals]
    return {mark.name: mark.score for mark in marks if mark.score is not None}


def _since_ms(began_at: float | None, at: float) -> float | None:
    return None if began_at is None else (at - began_at) * 1000
