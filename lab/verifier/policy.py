"""The shop's rule: nobody is told of somebody else's data."""

import re

_SOMEBODY_ELSE = re.compile(
    r"\b(another|other|someone else's|somebody else's) (customer|shop|account|merchant)(s|'s)?\b",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"\b(card numbers?|passwords?|e-?mail address(es)?|home address(es)?|turnover)\b", re.IGNORECASE
)


def objection(question: str) -> str:
    """Why a question must not be answered; '' when it may be."""
    if _SOMEBODY_ELSE.search(question) and _SECRET.search(question):
        return "it asks for somebody else's data"
    return ""
