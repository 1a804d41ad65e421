"""When each request is due, and which case it asks: fixed before the first one is sent."""

import random
from collections.abc import Iterator, Sequence
from itertools import count, repeat
from typing import TypeVar

from gameday.catalog.recording import read_recording
from gameday.domain.arrivals import even_arrivals, poisson_arrivals, replayed_arrivals
from gameday.domain.drill import Load

Case = TypeVar("Case")


def arrivals(load: Load, seed: int) -> Iterator[float]:
    """Seconds from the load's start at which each request is due; they never wait for an answer.

    Raises FileError for recorded arrivals that cannot be read.
    """
    if load.replay is not None:
        return replayed_arrivals(read_recording(load.replay))
    if load.arrivals == "poisson":
        # A seed of its own kind: when somebody asks must not tell what is asked.
        draw = random.Random(f"arrivals {seed}")  # noqa: S311 - users' arrivals, no secret
        return poisson_arrivals(load.curve(), draw.random)
    return even_arrivals(load.curve())


def shuffled_rounds(cases: Sequence[Case], seed: int) -> Iterator[Case]:
    """Every case once, in random order, then all of them again, for ever.

    Each window so meets every case about equally often, which the stratified envelope needs.
    """
    order = random.Random(seed)  # noqa: S311 - an order of questions, no secret
    while True:
        yield from order.sample(cases, len(cases))


def users_in_turn(names: Sequence[str], seed: int) -> Iterator[str]:
    """Who sends each request: every user once, in random order, then all of them again.

    Without users nobody has a name.
    """
    if not names:
        return repeat("")
    # A seed of its own kind: who asks must not tell what is asked.
    order = random.Random(f"users {seed}")  # noqa: S311 - an order of names, no secret
    return (name for _ in count() for name in order.sample(names, len(names)))


def chosen(share: float, seed: int) -> Iterator[bool]:
    """For each request whether it is one of the `share`; the same seed chooses the same ones."""
    if not share:
        yield from repeat(False)
    # A seed of its own kind: the order of the cases must not tell which of them are chosen.
    draw = random.Random(f"chosen {seed}")  # noqa: S311 - a choice of requests, no secret
    while True:
        yield draw.random() < share
