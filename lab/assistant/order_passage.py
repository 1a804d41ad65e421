"""What the order tool said, as a passage that stands in the prompt beside the retrieved ones."""

from collections.abc import Mapping
from typing import Any

from lab.retrieval import Passage


def order_passage(order: Mapping[str, Any]) -> Passage:
    number = order["number"]
    return Passage(
        f"Order {number}",
        (
            f"The status of order {number} is: {order['status']}, with {order['carrier']}.",
            f"Order {number} is expected on this day: {order['expected']}.",
            f"The item in order {number} is one {order['item']}.",
            f"The total of order {number} was {order['total_eur']} euro.",
        ),
    )


def no_order_passage(number: str) -> Passage:
    return Passage(
        f"Order {number}", (f"The status of order {number}: there is no order with it.",)
    )
