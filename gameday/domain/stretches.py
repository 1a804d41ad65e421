"""From which ticks on a watch looks back: long stretches for small changes, short ones for late.

Evidence that was gathered while nothing had changed would hide a change that comes late. So a new
stretch begins at every tick, and each is judged for itself: a change at any moment soon has one
that begins after it. Most are dropped after a tick or two, one of every two after four, one of four
after eight, and so on, so that for each length there is always one, and never more than eleven.

The guarantee needs no more than this: at most one stretch begins at a tick, and each has a chance
of at most alpha of ever raising a false alarm; so there are at most alpha of them a tick (the union
bound). It holds although all stretches are compared with the same recording. Adding them up would
notice a little sooner (Shin, Ramdas and Rinaldo, "E-detectors", arXiv 2203.03532), but needs
stretches that are valid for one common observer, which those that share a recording are not.
"""

LONGEST = 512  # ticks


def stretches(first: int, now: int) -> list[int]:
    """The ticks at which the stretches begin that tick `now` belongs to, the longest first.

    first: the tick before which nothing counts.
    """
    ticks = now - first
    if ticks < 0:
        return []
    begins = {0} if ticks < LONGEST else set()
    width = 1
    while width <= min(ticks, LONGEST // 2):
        # The last odd multiple of the width: the even ones are those of a greater width.
        begins.add(((ticks // width - 1) | 1) * width)
        width *= 2
    return [first + begin for begin in sorted(begins)]


def lasts(first: int, begin: int) -> int:
    """How many ticks the stretch that begins at `begin` is going to have."""
    ticks = begin - first
    return 2 * (ticks & -ticks) if ticks else LONGEST
