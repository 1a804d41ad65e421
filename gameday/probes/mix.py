"""What the load asks next: every question equally often, or another mix while that is in force."""

import random
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from gameday.domain.languages import detect
from gameday.domain.shift import Shift
from gameday.probes.questions import Question
from gameday.probes.schedule import shuffled_rounds


class Inputs:
    """The questions of one load, in order."""

    def __init__(self, questions: Sequence[Question], seed: int) -> None:
        self._questions = questions
        self._seed = seed
        self._usual = shuffled_rounds(questions, seed)
        self._wanted: Shift | None = None
        self._mixed: Iterator[Question] = iter(())
        self._until_s = 0.0

    def shift(self, wanted: Shift, for_s: float) -> None:
        """Ask another mix for so long from now; 0: the usual questions again.

        Told again, the same mix goes on where it was.
        """
        self._until_s = time.monotonic() + for_s
        if wanted != self._wanted:
            self._wanted = wanted
            self._mixed = mixed(self._questions, wanted, self._seed)

    def __iter__(self) -> Iterator[Question]:
        return self

    def __next__(self) -> Question:
        return next(self._mixed if time.monotonic() < self._until_s else self._usual)


def mixed(questions: Sequence[Question], wanted: Shift, seed: int) -> Iterator[Question]:
    """The questions of a mix, for ever. There must be some of each of its groups."""
    pools: defaultdict[str, list[Question]] = defaultdict(list)
    for one in questions:
        if lets_through(wanted, one.group, one.text):
            pools[one.group if wanted.groups else ""].append(one)
    # A seed of its own kind: the usual order of the questions must not tell this one.
    draw = random.Random(f"shift {seed}")  # noqa: S311 - an order of questions, no secret
    rounds = {group: shuffled_rounds(pool, seed) for group, pool in pools.items()}
    groups = list(rounds)
    weights = [wanted.groups.get(group, 1.0) for group in groups]
    while True:
        (group,) = draw.choices(groups, weights)
        yield next(rounds[group])


def lets_through(wanted: Shift, group: str, text: str) -> bool:
    """Whether a question of that group belongs to the mix."""
    return (
        (not wanted.groups or group in wanted.groups)
        and len(text) >= (wanted.chars_min or 0)
        and (wanted.chars_max is None or len(text) <= wanted.chars_max)
        and (wanted.language is None or detect(text) == wanted.language)
    )


def why_nothing(wanted: Shift, asked: Iterable[tuple[str, str]]) -> str:
    """Why a suite cannot be asked in this mix, in a sentence; '' where it can.

    asked: the group and the first turn of each of its cases.
    """
    left = {group for group, text in asked if lets_through(wanted, group, text)}
    missing = sorted(wanted.groups.keys() - left) if wanted.groups else [] if left else [""]
    if not missing:
        return ""
    which = f" of the group {' or '.join(missing)}" if wanted.groups else ""
    limits = wanted.model_copy(update={"groups": {}}).words
    return f"the suite has no question{which}{f' {limits}' if limits else ''}"
