"""Why a run did what it did: everything that was decided in it, by whom, and on what evidence."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from gameday.domain.value import Value

RunSort = Literal["drill", "runbook"]


class Choice(Value):
    """One thing that was decided.

    by: the workflow, the injector, a guard, the report, or a person's name. evidence: the figures
    and places that `why` rests on, one to a line; empty where `why` has all of them.
    """

    at: datetime
    by: str
    what: str
    why: str
    evidence: tuple[str, ...] = ()


class Explanation(Value):
    """All choices of one run, in the order in which they were made.

    ended: how it ended, such as `passed`; '' where it goes on, or nobody closed it.
    """

    run: str
    sort: RunSort
    name: str = Field(description="of the drill or the runbook")
    target: str
    environment: str
    ended: str
    reason: str
    choices: tuple[Choice, ...]
