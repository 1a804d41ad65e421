"""The orders that the lab's HTTP tool knows."""

import re
from dataclasses import dataclass

ORDER_NUMBER = re.compile(r"\bTW-\d{4}\b")


@dataclass(frozen=True)
class Order:
    """One order of hardware."""

    number: str
    item: str
    status: str
    carrier: str
    expected: str
    total_eur: int


_ROWS = (
    ("TW-1041", "Ripple card reader", "delivered", "DHL", "3 August", 55),
    ("TW-1042", "Anchor label printer", "on its way", "DHL", "19 August", 135),
    ("TW-1057", "receipt printer", "waiting for stock", "PostNL", "2 September", 210),
    ("TW-1063", "Ripple card reader", "cancelled", "DHL", "no date", 49),
    ("TW-1070", "paper rolls", "packed", "GLS", "21 August", 24),
    ("TW-1088", "cash drawer", "on its way", "UPS", "18 August", 160),
    ("TW-1093", "Anchor label printer", "returned", "DHL", "no date", 129),
    ("TW-1105", "barcode scanner", "held at customs", "FedEx", "28 August", 89),
    ("TW-1112", "Ripple card reader", "packed", "PostNL", "20 August", 67),
    ("TW-1126", "receipt printer", "delivered", "GLS", "11 August", 204),
    ("TW-1130", "charging dock", "on its way", "DPD", "22 August", 35),
    ("TW-1144", "tablet stand", "waiting for payment", "DPD", "no date", 74),
)
_ORDERS = {row[0]: Order(*row) for row in _ROWS}


def find_order(number: str) -> Order | None:
    return _ORDERS.get(number)
