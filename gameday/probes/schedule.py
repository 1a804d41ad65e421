"""When each request is due, and which case it asks: fixed before the first one is sent."""

import random
from collections.abc import Iterator, Sequence
from typing import TypeVar

Case = TypeVar("Case")


def due_times(started_at: float, rate_per_s: float, requests_max: int) -> Iterator[float]:
    """The moments of an open-loop constant rate: they never wait for an answer."""
    for position in range(requests_max):
        yield started_at + position / rate_per_s


def shuffled_rounds(cases: Sequence[Case], seed: int) -> Iterator[Case]:
    """Every case once, in random order, then all of them again, for ever.

    Each window so meets every case about equally often, which the stratified envelope needs.
    """
    order = random.Random(seed)  # noqa: S311 - an order of questions, no secret
    while True:
        yield from order.sample(cases, len(cases))
