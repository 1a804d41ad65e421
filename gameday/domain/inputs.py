"""What a system is asked, as a mix: kinds of questions, how long they are, in which languages.

A mix is coarse on purpose: it has no text, and two mixes differ only where a share has moved by
ten points and more than chance would move it. So the same users on another day are the same mix.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from statistics import NormalDist
from typing import NamedTuple, Self

from pydantic import Field

from gameday.domain.component import Version, digest_of
from gameday.domain.languages import detect
from gameday.domain.suite import Suite
from gameday.domain.value import Value

NO_GROUP, NO_LANGUAGE = "no group", "not told"
INPUTS_MIN = 30  # fewer say nothing of a mix
_MOVED_MIN = 0.10  # of a share, until it matters
_ALPHA = 0.001  # the chance that the same mix is taken for another one
# Up to so many characters; what is longer is very long.
_BANDS = ((80, "short"), (400, "medium"), (2000, "long"))
_LONGEST = "very long"


class Stratum(NamedTuple):
    """Inputs of one kind."""

    group: str
    language: str
    length: str

    @classmethod
    def of(cls, text: str, group: str = "") -> "Stratum":
        return cls(group or NO_GROUP, detect(text) or NO_LANGUAGE, length_band(text))

    def __str__(self) -> str:
        return f"{self.group}, {self.language}, {self.length}"


class Mix(Value):
    """How many inputs, and how many of them are of each group, language and length."""

    inputs: int = Field(ge=1)
    groups: dict[str, int]
    languages: dict[str, int]
    lengths: dict[str, int]

    @classmethod
    def of(cls, counted: Mapping[Stratum, int]) -> Self:
        """counted: how many inputs there are of each kind. Raises ValueError for none."""
        parts = (Counter[str](), Counter[str](), Counter[str]())
        for stratum, count in counted.items():
            for part, name in zip(parts, stratum, strict=True):
                part[name] += count
        groups, languages, lengths = (dict(sorted(part.items())) for part in parts)
        inputs = sum(counted.values())
        return cls(inputs=inputs, groups=groups, languages=languages, lengths=lengths)

    @property
    def version(self) -> Version:
        """As the ledger compares it with another one."""
        return Version(label=self.words, digest=digest_of(self.model_dump(mode="json")))

    @property
    def words(self) -> str:
        parts = "; ".join(_shares(part, self.inputs) for part in self._parts().values())
        return f"{self.inputs:,} inputs: {parts}"

    def moved(self, since: "Mix") -> tuple[str, ...]:
        """Which shares are others than in that mix, with their figures; () where none is surely.

        Each share is tested by itself (two proportions, with one success and one failure added to
        each, after Agresti and Caffo), at a level at which all of them together are wrong with a
        chance of at most one in a thousand.
        """
        if min(self.inputs, since.inputs) < INPUTS_MIN:
            return ()
        pairs = [
            (name, since._parts()[part].get(name, 0), counts.get(name, 0))  # noqa: SLF001 - its own
            for part, counts in self._parts().items()
            for name in sorted({*counts, *since._parts()[part]})  # noqa: SLF001 - its own
        ]
        z = NormalDist().inv_cdf(1 - _ALPHA / (2 * len(pairs)))
        return tuple(
            f"{name} {before / since.inputs:.0%} to {now / self.inputs:.0%}"
            for name, before, now in pairs
            if _moved((before, since.inputs), (now, self.inputs), z)
        )

    def _parts(self) -> dict[str, dict[str, int]]:
        return {"groups": self.groups, "languages": self.languages, "lengths": self.lengths}


def length_band(text: str) -> str:
    """How long a text is, in words."""
    return next((name for most, name in _BANDS if len(text) <= most), _LONGEST)


def count_strata(inputs: Iterable[tuple[str, str]]) -> dict[Stratum, int]:
    """How many of the inputs are of each kind; an input is its text and its group."""
    return dict(Counter(Stratum.of(text, group) for text, group in inputs))


def mix_of_suite(suite: Suite, asked: Mapping[str, int]) -> Mix | None:
    """The mix of what was asked; None where no case of the suite was. asked: how often each."""
    counted = Counter[Stratum]()
    for case in suite.cases:
        if times := asked.get(case.case, 0):
            counted[Stratum.of("\n".join(case.asked), case.group or "")] += times
    return Mix.of(counted) if counted else None


def _shares(counts: Mapping[str, int], inputs: int) -> str:
    largest = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return ", ".join(f"{name} {count / inputs:.0%}" for name, count in largest)


def _moved(before: tuple[int, int], now: tuple[int, int], z: float) -> bool:
    # Rounded: 60 % less 50 % is ten points, and a little less in binary.
    if round(abs(before[0] / before[1] - now[0] / now[1]), 9) < _MOVED_MIN:
        return False
    shares = [(count + 1) / (of + 2) for count, of in (before, now)]
    variances = (
        share * (1 - share) / (of + 2) for share, (_, of) in zip(shares, (before, now), strict=True)
    )
    return abs(shares[0] - shares[1]) > z * math.sqrt(math.fsum(variances))
