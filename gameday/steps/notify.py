"""The errand `notify`: the people of the target are told something."""

from typing import Annotated

from pydantic import Field

from gameday.domain.errand import Desk, Done, Errand


class Notify(Errand):
    """Tell the people of the target, by the channels that its file names.

    say: the sentence. In a drill it says that it is one.

    Source: incident practice: who is not told asks in the middle of it.
    """

    say: Annotated[str, Field(min_length=1, max_length=400)]

    @property
    def words(self) -> str:
        return f"tells people: {self.say}"

    async def run(self, desk: Desk) -> Done:
        return await desk.tell(self.say)
