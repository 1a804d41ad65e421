"""The errand `run_suite`: the target's suite is asked, and its answers are kept."""

from typing import Annotated

from pydantic import Field

from gameday.domain.errand import Desk, Done, Errand
from gameday.domain.quantities import Rate


class RunSuite(Errand):
    """Ask the suite, so that later questions and the review have fresh answers to go by.

    requests: so many, in rounds of the suite. rate: of them. In a drill the suite is being asked
    all the time, and the load's own answers are counted instead.

    Source: `gameday record` and `gameday gate`, which ask the same way.
    """

    requests: Annotated[int, Field(ge=1, le=100_000)] = 60
    rate: Rate = 5.0

    @property
    def words(self) -> str:
        return f"asks the suite {self.requests} times"

    async def run(self, desk: Desk) -> Done:
        return await desk.ask_suite(self.requests, self.rate)
