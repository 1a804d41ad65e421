"""The wait `ask_person`: people choose, and are told what happens if nobody answers."""

from typing import Annotated, ClassVar

from pydantic import Field

from gameday.domain.errand import Pause, Wait


class AskPerson(Wait):
    """Ask the people of the target to choose, and wait for the first answer.

    Its item says `choices`, where each leads, `within` which time, and `nobody`, where it leads
    when that is over.

    Source: the human steps of incident runbooks; a decision nobody takes is taken beforehand.
    """

    asks_people: ClassVar[bool] = True

    question: Annotated[str, Field(min_length=1, max_length=400)]

    @property
    def pause(self) -> Pause:
        return Pause(people=self.question)
