"""Which inputs of production to take into a suite, so that it is asked what users ask.

Inputs are of strata: one group, language and length each. The next one is taken from the stratum
that the suite lacks most, compared with its share of production.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple, TypeVar

Kind = TypeVar("Kind", bound=Hashable)
Item = TypeVar("Item")


class Share(NamedTuple):
    """Of one stratum: in production, in the suite as it is, and with what is proposed."""

    production: float
    before: float
    after: float


def chosen(
    production: Mapping[Kind, int],
    have: Mapping[Kind, int],
    offered: Mapping[Kind, Sequence[Item]],
    wanted: int,
) -> list[tuple[Kind, Item]]:
    """At most `wanted` of what is offered, in the order in which they are lacked most.

    production: how many inputs there are of each kind. have: how many cases there are already.
    offered: of each kind, in the order in which they are taken.
    Fewer come where nothing is left of what is lacked: more would lead away from production.
    """
    now = Counter(dict(have))
    # In an order that does not depend on that of a file.
    by_name = sorted(offered.items(), key=lambda one: str(one[0]))
    left = {kind: list(reversed(items)) for kind, items in by_name}
    inputs, found = sum(production.values()), list[tuple[Kind, Item]]()
    while len(found) < wanted:
        total = now.total() + 1
        gaps = {
            kind: total * production.get(kind, 0) / inputs - now[kind]
            for kind, items in left.items()
            if items
        }
        most = max(gaps, key=gaps.__getitem__, default=None)
        if most is None or gaps[most] <= 0:
            break
        found.append((most, left[most].pop()))
        now[most] += 1
    return found


def shares(
    production: Mapping[Kind, int], have: Mapping[Kind, int], added: Mapping[Kind, int]
) -> dict[Kind, Share]:
    """Of each kind, that of production largest first."""
    after = Counter(dict(have)) + Counter(dict(added))
    kinds = sorted({*production, *after}, key=lambda kind: (-production.get(kind, 0), str(kind)))
    return {
        kind: Share(_part(production, kind), _part(have, kind), _part(after, kind))
        for kind in kinds
    }


def apart(shares: Mapping[Kind, Share]) -> tuple[float, float]:
    """How far the suite is from production, before and after: the share that is elsewhere."""
    before = sum(abs(one.production - one.before) for one in shares.values()) / 2
    after = sum(abs(one.production - one.after) for one in shares.values()) / 2
    return before, after


def _part(counts: Mapping[Kind, int], kind: Kind) -> float:
    return counts.get(kind, 0) / (sum(counts.values()) or 1)
