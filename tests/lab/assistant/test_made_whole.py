"""The defect fabricates_stream_end: whatever became of an answer, it looks whole."""

from collections.abc import AsyncIterator

from gameday.domain.sample import Attempt, Outcome
from lab.assistant.attempt import AttemptError
from lab.assistant.dialect import Reading
from lab.assistant.made_whole import MadeWhole


class Cut:
    served_by = "primary"

    def __init__(self, *, cut: bool) -> None:
        self.attempts = [Attempt(provider="primary", outcome=Outcome.OK, elapsed_ms=1)]
        self.reading = Reading(finish_reason=None if cut else "length")
        self.closed = False
        self._cut = cut

    async def texts(self) -> AsyncIterator[str]:
        yield "It is"
        if self._cut:
            raise AttemptError(Outcome.CUT)

    async def close(self) -> None:
        self.closed = True


async def test_a_cut_answer_ends_as_if_it_were_whole() -> None:
    made = MadeWhole(Cut(cut=True))
    assert [text async for text in made.texts()] == ["It is"]
    assert made.reading.finish_reason == "stop"
    assert made.served_by == "primary"


async def test_a_whole_answer_keeps_its_own_end() -> None:
    answering = Cut(cut=False)
    made = MadeWhole(answering)
    assert [text async for text in made.texts()] == ["It is"]
    assert made.reading.finish_reason == "length"
    await made.close()
    assert answering.closed
