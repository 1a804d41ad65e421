"""Whose turn it is: lanes alternate, so that a slow minute of the machine falls on all of them."""

from collections.abc import Sequence
from typing import TypeVar

Lane = TypeVar("Lane")


def turn(lanes: Sequence[Lane], number: int) -> list[Lane]:
    """The lanes in the order of one alternation: each goes first in its turn."""
    first = number % len(lanes)
    return [*lanes[first:], *lanes[:first]]
