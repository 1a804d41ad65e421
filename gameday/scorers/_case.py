"""Whether capital letters matter."""

from functools import lru_cache
from typing import Literal

CaseRule = Literal["fold", "lower", "exact"]


def folded(text: str, rule: CaseRule) -> str:
    """`text` as it is compared under the rule."""
    if rule == "fold":
        return text.casefold()
    return text.lower() if rule == "lower" else text


@lru_cache(4096)
def all_folded(phrases: tuple[str, ...], rule: CaseRule) -> tuple[str, ...]:
    """The phrases of a scorer, which are compared with every answer."""
    return tuple(folded(phrase, rule) for phrase in phrases)
