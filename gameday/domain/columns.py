"""The kinds of columns that samples are kept in: one array instead of a million objects.

Each kind takes values, gives one back by its row, and packs itself into bytes. Packed are at most
256 rows at a time, so that a code takes one byte there. Little-endian, as all hosts are that
Gameday's programs are built for.
"""

import json
from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, chain
from math import isnan, nan
from struct import Struct
from typing import Any

PACKED_ROWS_MAX = 256
_COUNT_MAX = 2**32 - 1
_PACKED_MAX = 100  # lists of packed values that are remembered
STRETCH = 256  # rows whose least and greatest numbers are remembered
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LENGTH = Struct("<I")
_UTF8 = ("utf-8", "surrogatepass")  # a system may send half a character
_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Column(ABC):
    """One field of many samples."""

    @abstractmethod
    def extend(self, values: Sequence[Any]) -> None:
        """Append values as samples hold them."""

    @abstractmethod
    def __getitem__(self, row: int) -> Any:
        """The value of one row, as a sample holds it."""

    @abstractmethod
    def pack(self) -> bytes:
        """All of it, at most PACKED_ROWS_MAX rows."""

    @abstractmethod
    def unpack(self, packed: bytes, rows: int) -> None:
        """Append what `pack` of another column of this kind has given."""


class Numbers(Column):
    """Numbers of 8 bytes."""

    typecode = "d"

    def __init__(self) -> None:
        self.data: array[Any] = array(self.typecode)
        self._bounds: list[tuple[Any, Any]] = []

    def marks(self, holds: Callable[[Any], bool], start: int, stop: int) -> bytes:
        """1 for each row from `start` to `stop` whose number holds, else 0.

        holds: a comparison with one number. Times are nearly in order, so most stretches of rows
        hold as a whole or not at all, which their least and their greatest number tell.
        """
        first = start // STRETCH
        found = bytearray()
        for place, (low, high) in enumerate(self.bounds()[first : -(-stop // STRETCH)], first):
            rows = self.data[place * STRETCH : (place + 1) * STRETCH]
            if low == low and holds(low) is (answer := holds(high)):  # noqa: PLR0124 - not NaN
                found += bytes([answer]) * len(rows)
            else:
                found += bytes(map(holds, rows))
        return bytes(found[start - first * STRETCH :][: stop - start])

    def bounds(self) -> list[tuple[Any, Any]]:
        """The least and the greatest of each STRETCH of rows; NaN where a number is missing."""
        stretches = range(len(self._bounds) * STRETCH, len(self.data), STRETCH)
        for part in (self.data[start : start + STRETCH] for start in stretches):
            self._bounds.append((min(part), max(part)) if self._whole(part) else (nan, nan))
        return self._bounds

    def _whole(self, part: "array[Any]") -> bool:  # noqa: ARG002 - for those that may lack some
        return True

    def extend(self, values: Sequence[Any]) -> None:
        self.data.extend(array(self.typecode, values))
        self._bounds.clear()

    def __getitem__(self, row: int) -> Any:
        return self.data[row]

    def pack(self) -> bytes:
        """A number that is the same in all rows is packed once."""
        packed, size = self.data.tobytes(), self.data.itemsize
        return packed[:size] if packed == packed[:size] * len(self.data) else packed

    def unpack(self, packed: bytes, rows: int) -> None:
        if len(packed) == self.data.itemsize:
            packed *= rows
        self.data.frombytes(packed)
        self._bounds.clear()


class Gaps(Numbers):
    """Numbers that may be missing, which NaN stands for."""

    def extend(self, values: Sequence[Any]) -> None:
        super().extend([nan if value is None else value for value in values])

    def _whole(self, part: "array[Any]") -> bool:
        return not isnan(sum(part))

    def __getitem__(self, row: int) -> float | None:
        value: float = self.data[row]
        return None if isnan(value) else value


class Counts(Numbers):
    """Whole numbers of 4 bytes; what a system claims beyond that counts as the most there is."""

    typecode = "I"

    def extend(self, values: Sequence[int]) -> None:
        try:
            super().extend(values)
        except OverflowError:
            super().extend([min(max(0, value), _COUNT_MAX) for value in values])


class Times(Numbers):
    """Moments, as microseconds since 1970, which they may be given as."""

    typecode = "q"

    def extend(self, values: Sequence[datetime | int]) -> None:
        super().extend([one if isinstance(one, int) else microseconds(one) for one in values])

    def __getitem__(self, row: int) -> datetime:
        return moment(self.data[row])


def microseconds(at: datetime) -> int:
    """Since 1970. Exact: a float tells microseconds apart until the year 2255."""
    return round(at.timestamp() * 1e6)


def moment(since_epoch_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=since_epoch_us)


class Coded(Column):
    """Values of which there are few different ones: each row is a code, which widens if it must."""

    def __init__(self, read: Callable[[Any], Hashable] | None = None) -> None:
        """read: makes a value again out of its JSON, where that is another."""
        self.values: list[Any] = []
        self.codes: array[int] = array("B")
        self._known: dict[Hashable, int] = {}
        self._packed: dict[bytes, list[int]] = {}  # most blocks pack the same values
        self._read = read

    def extend(self, values: Sequence[Hashable]) -> None:
        own = [self._code(value) for value in dict.fromkeys(values)]
        if len(own) == 1:  # the rule, and much quicker
            self.codes.extend(array(self.codes.typecode, own) * len(values))
        else:
            self.codes.extend(map(self._known.__getitem__, values))

    def __getitem__(self, row: int) -> Any:
        return self.values[self.codes[row]]

    def pack(self) -> bytes:
        values = _written(self.values).encode(*_UTF8)
        codes = self.codes.tobytes() if len(self.values) > 1 else b""
        return _LENGTH.pack(len(values)) + values + codes

    def unpack(self, packed: bytes, rows: int) -> None:
        start = _LENGTH.size + _LENGTH.unpack_from(packed)[0]
        own = self._own(packed[_LENGTH.size : start])
        if start == len(packed):
            self.codes.extend(array(self.codes.typecode, own) * rows)
        elif self.codes.typecode == "B":
            self.codes.frombytes(packed[start:].translate(bytes(own).ljust(256)))
        else:
            self.codes.extend(map(own.__getitem__, packed[start:]))

    def _own(self, packed: bytes) -> list[int]:
        """The own code of each value that another column has packed."""
        own = self._packed.get(packed)
        if own is None:
            values = json.loads(packed)
            own = [self._code(v) for v in (map(self._read, values) if self._read else values)]
            if len(self._packed) < _PACKED_MAX:
                self._packed[packed] = own
        return own

    def _code(self, value: Hashable) -> int:
        code = self._known.get(value)
        if code is None:
            code = self._known[value] = len(self.values)
            self.values.append(value)
            if code >= 1 << 8 * self.codes.itemsize:
                self.codes = array("H" if self.codes.typecode == "B" else "I", self.codes)
        return code


class Ragged(Column):
    """Values that are a shape, of which there are few, and a number for each part of it.

    A number may be missing, which NaN stands for.
    """

    def __init__(
        self,
        shape_of: Callable[[Any], Hashable],
        parts_of: Callable[[Any], Iterable[float | None]],
        join: Callable[[Any, Sequence[float]], Any],
        read: Callable[[Any], Hashable],
    ) -> None:
        self.shapes = Coded(read)
        self.parts: array[float] = array("d")
        self._shape_of, self._parts_of, self._join = shape_of, parts_of, join
        self._starts: array[int] | None = None

    def extend(self, values: Sequence[Any]) -> None:
        self._starts = None
        if not any(values):  # as a rule nothing was tried twice, or sealed
            self.shapes.extend([()] * len(values))
            return
        self.shapes.extend(list(map(self._shape_of, values)))
        parts = chain.from_iterable(map(self._parts_of, values))
        self.parts.extend([nan if part is None else part for part in parts])

    def __getitem__(self, row: int) -> Any:
        shape, start = self.shapes[row], self.starts()[row]
        return self._join(shape, self.parts[start : start + len(shape)])

    def starts(self) -> "array[int]":
        """Where each row's numbers begin in `parts`. Made when it is first asked for."""
        if self._starts is None:
            lengths = [len(shape) for shape in self.shapes.values]
            ends = accumulate(map(lengths.__getitem__, self.shapes.codes), initial=0)
            self._starts = array("I", ends)
        return self._starts

    def pack(self) -> bytes:
        shapes = self.shapes.pack()
        return _LENGTH.pack(len(shapes)) + shapes + self.parts.tobytes()

    def unpack(self, packed: bytes, rows: int) -> None:
        start = _LENGTH.size + _LENGTH.unpack_from(packed)[0]
        self.shapes.unpack(packed[_LENGTH.size : start], rows)
        self.parts.frombytes(packed[start:])
        self._starts = None


class Texts(Column):
    """Texts that are all different, one after the other."""

    def __init__(self) -> None:
        self._text = bytearray()
        self._ends: array[int] = array("I")

    def extend(self, values: Sequence[str]) -> None:
        joined = "".join(values)
        text, lengths = joined.encode(*_UTF8), list(map(len, values))
        if len(text) != len(joined):  # some of them are not ASCII
            lengths = [len(value.encode(*_UTF8)) for value in values]
        ends = accumulate(lengths, initial=len(self._text))
        self._ends.extend(array("I", ends)[1:])
        self._text += text

    def __getitem__(self, row: int) -> str:
        start = self._ends[row - 1] if row else 0
        return self._text[start : self._ends[row]].decode(*_UTF8)

    def pack(self) -> bytes:
        """Texts that are all empty take no room."""
        return self._ends.tobytes() + bytes(self._text) if self._text else b""

    def unpack(self, packed: bytes, rows: int) -> None:
        size = rows * self._ends.itemsize
        ends = array("I", packed[:size] if packed else bytes(size))
        self._ends.extend(map(len(self._text).__add__, ends))
        self._text += packed[size:]


class Kept(Column):
    """Texts that only few rows have; the others have an empty one."""

    def __init__(self) -> None:
        self._rows = 0
        self._texts: dict[int, str] = {}

    def extend(self, values: Sequence[str]) -> None:
        found = {self._rows + place: text for place, text in enumerate(values) if text}
        self._texts.update(found)
        self._rows += len(values)

    def __getitem__(self, row: int) -> str:
        return self._texts.get(row, "")

    def pack(self) -> bytes:
        return json.dumps(list(self._texts.items()), ensure_ascii=False).encode(*_UTF8)

    def unpack(self, packed: bytes, rows: int) -> None:
        if packed != b"[]":
            self._texts.update((self._rows + row, text) for row, text in json.loads(packed))
        self._rows += rows
