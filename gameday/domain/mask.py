"""A set of rows, as one byte for each row between its first and its last.

Sets are combined as whole numbers, a million rows in well under a millisecond.
"""

from array import array
from collections.abc import Callable, Collection, Iterator
from itertools import compress
from operator import and_, or_
from typing import Any

_INVERTED = bytes([1, 0]).ljust(256, b"\0")
_WIDENED = bytes([0, 255]).ljust(256, b"\0")
_FEW = 50  # a stretch with fewer holes than one in so many is copied piece by piece


class Mask:
    """Some rows. `|`, `&` and `-` are those of sets."""

    def __init__(self, marks: bytes, start: int = 0) -> None:
        """marks: 1 for a row that belongs to it and 0 for another, from the row `start` on."""
        self._marks = marks
        self._start = start

    @classmethod
    def of(cls, rows: Collection[int]) -> "Mask":
        start = min(rows, default=0)
        marks = bytearray(max(rows, default=-1) + 1 - start)
        for row in rows:
            marks[row - start] = 1
        return cls(bytes(marks), start)

    @classmethod
    def over(cls, stretches: Collection[tuple[int, int]]) -> "Mask":
        """All rows of some stretches, each from its first row to the one before its end."""
        start = min((first for first, _ in stretches), default=0)
        marks = bytearray(max((end for _, end in stretches), default=0) - start)
        for first, end in stretches:
            marks[first - start : end - start] = bytes([1]) * (end - first)
        return cls(bytes(marks), start)

    def __len__(self) -> int:
        return self._marks.count(1)

    def __iter__(self) -> Iterator[int]:
        return compress(range(*self.stretch), self._marks)

    @property
    def stretch(self) -> tuple[int, int]:
        """The row where it begins, and the one before which it ends."""
        return self._start, self._start + len(self._marks)

    def has(self, row: int) -> bool:
        return 0 <= row - self._start < len(self._marks) and self._marks[row - self._start] == 1

    def cut(self, data: "array[Any]") -> "array[Any]":
        """The stretch of a column from its first row to its last, others between included."""
        if len(self._marks) == len(data):
            return data
        return data[slice(*self.stretch)]

    def pick(self, data: "array[Any]") -> Iterator[Any]:
        """The numbers of its rows."""
        return compress(self.cut(data), self._marks)

    def picked(self, data: "array[Any]") -> "array[Any]":
        """The numbers of its rows, as an array of their own."""
        holes = len(self._marks) - len(self)
        if holes * _FEW > len(self._marks):
            return array(data.typecode, self.pick(data))
        found, part, begin = array(data.typecode), self.cut(data), 0
        for _ in range(holes):
            hole = self._marks.index(0, begin)
            found += part[begin:hole]
            begin = hole + 1
        return found + part[begin:]

    def only(self, marks: bytes) -> "Mask":
        """Its rows among `marks`, which are over the stretch that `cut` gives."""
        both = _combined(and_, self._marks, marks)
        first, last = max(0, both.find(1)), both.rfind(1)
        return Mask(both[first : last + 1], self._start + first)

    def __and__(self, other: "Mask") -> "Mask":
        return self.only(other.within(*self.stretch))

    def __sub__(self, other: "Mask") -> "Mask":
        return self.only(other.within(*self.stretch).translate(_INVERTED))

    def __or__(self, other: "Mask") -> "Mask":
        start = min(self._start, other._start)
        stop = max(self.stretch[1], other.stretch[1])
        both = _combined(or_, self.within(start, stop), other.within(start, stop))
        return Mask(both, start)

    def within(self, start: int, stop: int) -> bytes:
        """Its marks over these rows."""
        ahead = self._start - start
        marks = self._marks[-ahead:] if ahead < 0 else bytes(ahead) + self._marks
        return marks[: stop - start].ljust(stop - start, b"\0")

    def count(self, codes: bytes, values: int) -> dict[int, int]:
        """How often each code below `values` occurs in its rows; `codes` as `cut` gives them."""
        # Outside its rows every code becomes 0, which is then counted too often.
        inside = _combined(and_, codes, self._marks.translate(_WIDENED))
        found = {code: inside.count(code) for code in range(values)}
        if found:
            found[0] -= len(self._marks) - len(self)
        return {code: count for code, count in found.items() if count}


def _combined(how: Callable[[int, int], int], one: bytes, other: bytes) -> bytes:
    """Two texts of the same length, combined bit by bit in one operation."""
    whole = how(int.from_bytes(one, "little"), int.from_bytes(other, "little"))
    return whole.to_bytes(len(one), "little")
