"""What becomes of a gateway's configuration: the twin, and what its operator has to set."""

from collections.abc import Container, Mapping
from dataclasses import dataclass

from gameday.twin.listeners import Listeners

NAME = "gameday-twin"


@dataclass(frozen=True)
class Source:
    """A gateway's configuration as it lies in a file."""

    path: str
    text: str


@dataclass(frozen=True)
class Wish:
    """What the twin is made for."""

    listeners: Listeners
    marker_header: str  # that the twin has to pass on to its providers


@dataclass(frozen=True)
class Twin:
    """A configuration that can be written, without a secret of the original in it."""

    gateway: str
    text: str
    keys: Mapping[str, str]  # variable -> what it is for
    placed: Mapping[str, str]  # model or target -> where it is now reached
    notes: tuple[str, ...]  # what else the operator should know


def unused(label: str, taken: Container[str]) -> str:
    """`label`, numbered where it is taken: two deployments may well be described alike."""
    number, name = 1, label
    while name in taken:
        number += 1
        name = f"{label} #{number}"
    return name
