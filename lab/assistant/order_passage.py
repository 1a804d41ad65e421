"""What the order tool said, as a passage that stands in the prompt beside the retrieved ones."""

from collections.abc import Mapping
from typing import Any

from lab.retrieval import Passage

# What the defect tool_errors_swallowed says in the place of what the tool did not.
_MADE_UP = {
    "status": "on its way",
    "carrier": "DHL",
    "expected": "in two days",
    "item": "Ripple card reader",
    "total_eur": 49,
}


def order_passage(order: Mapping[str, Any]) -> Passage:
    """Raises KeyError or TypeError where something is missing that orders have."""
    number = order["number"]
    said = {name: order[name] for name in _MADE_UP}
    if None in (number, *said.values()):
        raise TypeError("an order that leaves something open")
    return Passage(
        f"Order {number}",
        (
            f"The status of order {number} is: {said['status']}, with {said['carrier']}.",
            f"Order {number} is expected on this day: {said['expected']}.",
            f"The item in order {number} is one {said['item']}.",
            f"The total of order {number} was {said['total_eur']} euro.",
        ),
    )


def invented_order(number: str, order: Mapping[str, Any]) -> dict[str, Any]:
    """The defect: what is missing of an order is made up, in silence."""
    told = {name: value for name, value in order.items() if value is not None}
    return {"number": number, **_MADE_UP, **told}


def no_order_passage(number: str) -> Passage:
    return Passage(
        f"Order {number}", (f"The status of order {number}: there is no order with it.",)
    )
