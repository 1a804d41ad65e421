"""What other tools read of a run, and the contract of one form of it.

One file in gameday/exports/ holds one subclass of Export. Its kind is its file name: what
`gameday export RUN --format KIND` writes.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from gameday.domain.drill import Extensible
from gameday.domain.record import RunRecord
from gameday.domain.result import Result
from gameday.domain.samples import Samples
from gameday.domain.value import Value


class ExportSpec(Extensible):
    """One form as the command line names it."""


@dataclass(frozen=True)
class JudgedRun:
    """One run as it is stored.

    read_samples: of all groups, none where they were taken away since; asked only by forms that
    tell of requests, as those of another version cannot be read. markdown: its report.
    """

    result: Result
    record: RunRecord
    read_samples: Callable[[], Samples]
    markdown: str

    @cached_property
    def samples(self) -> Samples:
        """Raises FileError where they cannot be read."""
        return self.read_samples()


class Export(Value, ABC):
    """One form. The same run gives the same text.

    told_by: the environment variable by which a CI system says which file it reads; '' where
    nobody does. That file is added to, as other steps write into it.
    """

    told_by: ClassVar[str] = ""

    @abstractmethod
    def render(self, run: JudgedRun) -> str:
        """All of it, with a line feed at its end."""
