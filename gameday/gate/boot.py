"""Which process this is: a gate that was started again knows nothing of rules put before."""

from typing import NamedTuple


class Boot(NamedTuple):
    name: str
    at_s: float  # on the wall clock
