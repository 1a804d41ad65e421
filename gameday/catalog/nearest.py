"""'Did you mean': the known name nearest to a misspelt one."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(found: str, known: Iterable[str]) -> str:
    """The end of a sentence about `found`: the nearest known name, else all of them."""
    names = sorted(set(known))
    nearest = get_close_matches(found, names, n=1, cutoff=0.6)
    if nearest:
        return f"; did you mean {nearest[0]!r}?"
    return f"; expected one of {', '.join(names)}" if names else "; no key is expected here"
