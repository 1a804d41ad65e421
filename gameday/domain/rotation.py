"""Which cases of a suite a watch asks at one tick: the same few each time, and a part of all.

The probes are few, so that the same questions come often: a change shows soonest there. The
rotating part meets every case of the suite, each equally often, in an order that does not depend on
the answers: that is what the quality envelope rests on.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from math import ceil


def probes_of(groups: Mapping[str, str], count: int) -> tuple[str, ...]:
    """So many cases, of each group of questions as many as of the others.

    groups: the group of each case, in the order of the suite.
    """
    by_group: defaultdict[str, list[str]] = defaultdict(list)
    for case, group in groups.items():
        by_group[group].append(case)
    in_turn = (case for row in zip_longest(*by_group.values()) for case in row if case is not None)
    return tuple(in_turn)[:count]


def part_of(cases: Sequence[str], count: int, tick: int, seed: str) -> tuple[str, ...]:
    """About `count` of the cases; the parts of successive ticks make up the suite, again and again.

    Each round has an order of its own, which `seed` fixes.
    """
    parts = ceil(len(cases) / count)
    round_, place = divmod(tick, parts)
    return tuple(sorted(cases, key=lambda case: _draw(f"{seed} {round_} {case}"))[place::parts])


def parts_of(cases: int, count: int) -> int:
    """How many ticks one round of the suite takes."""
    return ceil(cases / count)


def _draw(text: str) -> bytes:
    """A number by chance that is the same in every process."""
    return hashlib.sha256(text.encode()).digest()
