"""Whether capital letters matter."""

from typing import Literal

CaseRule = Literal["fold", "lower", "exact"]


def folded(text: str, rule: CaseRule) -> str:
    """`text` as it is compared under the rule."""
    if rule == "fold":
        return text.casefold()
    return text.lower() if rule == "lower" else text
