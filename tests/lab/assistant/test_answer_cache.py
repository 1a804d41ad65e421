"""Kept answers: told again word for word, and whoever would answer today is not asked."""

from collections.abc import AsyncIterator

import pytest

from gameday.domain.sample import Attempt, Outcome
from lab.assistant.answer_cache import AnswerCache
from lab.assistant.attempt import AttemptError
from lab.assistant.dialect import Reading


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Told:
    """An answer that comes to its end, or is cut."""

    def __init__(self, *texts: str, cut: bool = False) -> None:
        self.served_by = "primary"
        self.attempts = [Attempt("primary", Outcome.OK, 90.0)]
        self.reading = Reading(model="heron-4-2026-08", finish_reason="stop", whole=True)
        self._texts = texts
        self._cut = cut

    async def texts(self) -> AsyncIterator[str]:
        for text in self._texts:
            yield text
        if self._cut:
            raise AttemptError(Outcome.CUT)

    async def close(self) -> None:
        """Nothing was opened."""


async def test_a_whole_answer_is_told_again_as_it_was() -> None:
    cache = AnswerCache(60.0)
    assert cache.get("Who?") is None
    first = cache.keeping("Who?", Told("It is", " me."))
    assert [text async for text in first.texts()] == ["It is", " me."]
    again = cache.get("Who?")
    assert again is not None
    assert [text async for text in again.texts()] == ["It is", " me."]
    assert (again.served_by, again.reading.model) == ("primary", "heron-4-2026-08")
    assert again.attempts == [Attempt("primary", Outcome.OK, 90.0)]
    assert cache.get("Who else?") is None


async def test_half_an_answer_is_not_kept() -> None:
    cache = AnswerCache(60.0)
    with pytest.raises(AttemptError):
        _ = [text async for text in cache.keeping("Who?", Told("It is", cut=True)).texts()]
    assert cache.get("Who?") is None


async def test_an_answer_is_kept_for_its_time_and_not_for_ever() -> None:
    clock = Clock()
    cache = AnswerCache(60.0, clock)
    for question in map(str, range(40)):
        _ = [text async for text in cache.keeping(question, Told("It is me.")).texts()]
    kept = [0]
    for clock.now_s in (105.9, 160.0, 214.1):
        kept.append(sum(cache.get(str(number)) is not None for number in range(40)))
    assert kept[1] == 40
    assert 10 <= kept[2] <= 30  # about half of them: so long on average
    assert kept[3] == 0
