"""The wait `wait_until`: some time goes by, or a question gets the answer that is waited for."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from gameday.domain.errand import Pause, Wait
from gameday.domain.names import Name
from gameday.domain.quantities import Seconds
from gameday.domain.runbook import QuestionSpec


class WaitUntil(Wait):
    """Wait for a time, or until a question is answered as it should be.

    seconds: so long. question: what is asked, every `every`, until its answer is one of `is`; the
    item fails when its `within` is over first.

    Source: caches, canaries and rate limits take their time; a fixed pause is right for some, and
    looking is right for most.
    """

    seconds: Seconds | None = None
    question: QuestionSpec | None = None
    answers: Annotated[tuple[Name, ...], Field(alias="is")] = ()
    every: Seconds = 10.0

    model_config = {"populate_by_name": True, "serialize_by_alias": True}

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.seconds is None) == (self.question is None):
            raise ValueError("expected exactly one of seconds and question")
        if (self.question is None) != (not self.answers):
            raise ValueError("a question needs `is`, the answers that are waited for; and only it")
        return self

    @property
    def pause(self) -> Pause:
        return Pause(
            seconds=self.seconds, until=self.question, answers=self.answers, every_s=self.every
        )
