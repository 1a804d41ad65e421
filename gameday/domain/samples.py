"""Many samples, as columns: what a run, or one window of it, is judged by.

A million samples fit into memory and are judged in seconds, because hardly any of them is ever
made: a condition is put to each different value once, and gives a mask of one byte a row.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import chain
from math import isnan
from operator import getitem, methodcaller
from typing import Any, Protocol, overload

from gameday.domain.columns import (
    STRETCH,
    Coded,
    Column,
    Counts,
    Gaps,
    Kept,
    Numbers,
    Ragged,
    Texts,
    Times,
    microseconds,
)
from gameday.domain.mask import Mask
from gameday.domain.sample import FIELDS, Attempt, Outcome, Sample, Way


def _way_of(attempts: Sequence[Attempt]) -> Way:
    return tuple([attempt[:2] for attempt in attempts])


def _times_of(attempts: Sequence[Attempt]) -> list[float]:
    return [attempt[2] for attempt in attempts]


def _join_attempts(way: Way, elapsed_ms: Sequence[float]) -> tuple[Attempt, ...]:
    return tuple(Attempt(*tried, ms) for tried, ms in zip(way, elapsed_ms, strict=True))


def _attempts() -> Column:
    return Ragged(
        _way_of,
        _times_of,
        _join_attempts,
        lambda raw: tuple((provider, Outcome(outcome)) for provider, outcome in raw),
    )


def _none_if_nan(value: float) -> float | None:
    return None if isnan(value) else value


def _scores() -> Column:
    return Ragged(
        tuple,
        methodcaller("values"),
        lambda names, values: dict(zip(names, map(_none_if_nan, values), strict=True)),
        tuple,
    )


KINDS: Mapping[str, Callable[[], Column]] = {
    "seq": Counts,
    "case": Coded,
    "case_group": Coded,
    "group": Coded,
    "generator": Coded,
    "turn": Coded,
    "turns_left": Coded,
    "talk_ms": Gaps,
    "tenant": Coded,
    "user": Coded,
    "feature": Coded,
    "intended_at": Times,
    "finished_at": Times,
    "send_lag_ms": Numbers,
    "latency_ms": Numbers,
    "ttft_ms": Gaps,
    "gap_ms_mean": Gaps,
    "gap_ms_max": Gaps,
    "outcome": lambda: Coded(Outcome),
    "detail": Coded,
    "status": Coded,
    "finish_reason": Coded,
    "served_by": Coded,
    "attempts": _attempts,
    "model": Coded,
    "fingerprint": Coded,
    "version": Coded,
    "request_id": Texts,
    "tokens_in": Counts,
    "tokens_in_cached": Counts,
    "tokens_out": Counts,
    "tokens_out_reasoning": Counts,
    "cost_usd": Numbers,
    "scores": _scores,
    "seals": _scores,
    "quality": Gaps,
    "passed": Coded,
    "answer_chars": Counts,
    "answer_excerpt": Kept,
    "sketch": Texts,
}


class Source(Protocol):
    """Where columns come from."""

    def __len__(self) -> int:
        """How many rows there are."""

    def fill(self, name: str, column: Column) -> None:
        """Put all rows of the field `name` into an empty column."""


class Columns:
    """The fields of some samples; each is read when it is first asked for."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._read: dict[str, Column] = {}

    def __len__(self) -> int:
        return len(self._source)

    def __getitem__(self, name: str) -> Column:
        if name not in self._read:
            column = KINDS[name]()
            self._source.fill(name, column)
            self._read[name] = column
        return self._read[name]

    def numbers(self, name: str) -> Numbers:
        """A field of numbers; NaN where one is missing, times in microseconds."""
        column = self[name]
        assert isinstance(column, Numbers), f"{name} is not a number"
        return column

    def data(self, name: str) -> "array[Any]":
        return self.numbers(name).data

    def coded(self, name: str) -> Coded:
        """The codes of a field that has few different values; of attempts, their ways."""
        column = self[name]
        coded = column.shapes if isinstance(column, Ragged) else column
        assert isinstance(coded, Coded), f"{name} has too many different values"
        return coded


class Row(Sample):
    """A sample whose fields are read from their columns when they are asked for."""

    __slots__ = ("_columns", "_row")

    def __init__(self, columns: Columns, row: int) -> None:
        self._columns = columns
        self._row = row

    def __getattr__(self, name: str) -> Any:
        """Only asked where a field has not been read yet."""
        if name not in KINDS:
            raise AttributeError(name)
        value = self._columns[name][self._row]
        setattr(self, name, value)
        return value


class _Made:
    """Samples that were made one by one."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._samples = tuple(samples)

    def __len__(self) -> int:
        return len(self._samples)

    def fill(self, name: str, column: Column) -> None:
        column.extend([getattr(sample, name) for sample in self._samples])


class Samples(Sequence[Sample]):
    """Some of the rows of some columns, in order of `intended_at`.

    `|`, `&` and `-` are those of sets, over rows of the same columns.
    """

    def __init__(self, columns: Columns, mask: Mask | None = None) -> None:
        """mask: which rows belong to it; all where there is none."""
        self.columns = columns
        self.mask = Mask(bytes([1]) * len(columns)) if mask is None else mask

    @classmethod
    def of(cls, samples: Iterable[Sample]) -> "Samples":
        """Any samples, such as a few that were made one by one."""
        return samples if isinstance(samples, cls) else cls(Columns(_Made(samples)))

    # --- one by one ---------------------------------------------------------------------------

    @cached_property
    def _count(self) -> int:
        return len(self.mask)

    def __len__(self) -> int:
        return self._count

    @cached_property
    def _order(self) -> "array[int]":
        """The rows by `intended_at` and `seq`: the same, whichever file each is stored in."""
        intended, seq = self.columns.data("intended_at"), self.columns.data("seq")
        return array("I", sorted(self.mask, key=lambda row: (intended[row], seq[row])))

    @overload
    def __getitem__(self, place: int) -> Sample: ...
    @overload
    def __getitem__(self, place: slice) -> "Samples": ...
    def __getitem__(self, place: int | slice) -> "Sample | Samples":
        if isinstance(place, slice):
            return Samples(self.columns, Mask.of(self._order[place]))
        return Row(self.columns, self._order[place])

    def __iter__(self) -> Iterator[Sample]:
        return (Row(self.columns, row) for row in self._order)

    def __eq__(self, other: object) -> bool:
        """Equal to any sequence of equal samples, whatever it is stored in."""
        if not isinstance(other, Sequence) or len(self) != len(other):
            return False
        return all(own == its for own, its in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment] # samples have none

    def __repr__(self) -> str:
        return f"<{len(self)} samples>"

    # --- conditions ---------------------------------------------------------------------------

    def where(self, name: str, holds: Callable[[Any], bool]) -> "Samples":
        """Those whose field holds. For fields with few different values: each is asked once.

        Of `attempts` the `Way` is asked.
        """
        coded = self.columns.coded(name)
        answers = bytes(bool(holds(value)) for value in coded.values)
        codes = self.mask.cut(coded.codes)
        if codes.typecode == "B":
            marks = codes.tobytes().translate(answers.ljust(256, b"\0"))
        else:
            marks = bytes(map(answers.__getitem__, codes))
        return Samples(self.columns, self.mask.only(marks))

    def with_texts(self, name: str, wanted: Collection[str]) -> "Samples":
        """Those whose text, of a field whose texts are all different, is among `wanted`."""
        column = self.columns[name]
        return Samples(self.columns, Mask.of([row for row in self.mask if column[row] in wanted]))

    def where_number(self, name: str, holds: Callable[[Any], bool]) -> "Samples":
        """Those whose number holds, by a comparison with another number.

        A missing one is NaN, a time counts in microseconds since 1970.
        """
        marks = self.columns.numbers(name).marks(holds, *self.mask.stretch)
        return Samples(self.columns, self.mask.only(marks))

    def before(self, name: str, at: datetime) -> "Samples":
        """Those whose time is before `at`."""
        return self.where_number(name, microseconds(at).__gt__)

    def since(self, name: str, at: datetime) -> "Samples":
        """Those whose time is `at` or later."""
        return self.where_number(name, microseconds(at).__le__)

    def after(self, name: str, at: datetime) -> "Samples":
        """Those whose time is later than `at`."""
        return self.where_number(name, microseconds(at).__lt__)

    def where_elapsed(self, provider: str, holds: Callable[[float], bool]) -> "Samples":
        """Those of which an attempt at `provider` took a time that holds."""
        found = {row for row, elapsed_ms in self._elapsed(provider) if holds(elapsed_ms)}
        return Samples(self.columns, Mask.of(found))

    def following(self, others: "Samples") -> "Samples":
        """Those that finished after the last of `others`; all where there is no other.

        Of those that finished in the same microsecond, the ones that are stored after it.
        """
        finished = self.columns.data("finished_at")
        if not others:
            return self
        at = max(others.mask.pick(finished))
        last = max(row for row in others.where_number("finished_at", at.__le__).mask)
        late = self.where_number("finished_at", at.__le__).mask
        rows = [row for row in late if finished[row] > at or row > last]
        return Samples(self.columns, Mask.of(rows))

    @cached_property
    def good(self) -> "Samples":
        """Those that got a whole answer."""
        return self.where("outcome", lambda outcome: outcome is Outcome.OK)

    @cached_property
    def experiment(self) -> "Samples":
        """All but the control group, which no fault touches."""
        return self.where("group", lambda group: group == "experiment")

    @cached_property
    def stayed(self) -> "Samples":
        """All but those whose client hung up as it was told to: neither answered nor failed."""
        return self.where("outcome", lambda outcome: outcome is not Outcome.LEFT)

    @cached_property
    def rated(self) -> "Samples":
        """All but the answers in the middle of a conversation, which nobody scores.

        A turn that got no answer is among them: its conversation ended there, and badly.
        """
        return self - self.good.where("turns_left", lambda left: left > 0)

    # --- as a set -----------------------------------------------------------------------------

    def __and__(self, other: "Samples") -> "Samples":
        return Samples(self.columns, self.mask & self._same(other))

    def __sub__(self, other: "Samples") -> "Samples":
        return Samples(self.columns, self.mask - self._same(other))

    def __or__(self, other: "Samples") -> "Samples":
        """Both; of different columns, one after the other."""
        if self.columns is not other.columns:
            return Samples.of(chain(self, other))
        return Samples(self.columns, self.mask | other.mask)

    def _same(self, other: "Samples") -> Mask:
        assert self.columns is other.columns, "rows of different columns have nothing in common"
        return other.mask

    # --- figures, in the order in which the samples are stored ----------------------------------

    def numbers(self, name: str) -> "array[Any]":
        """The numbers of a field; those that are missing are left out."""
        data = self.columns.data(name)
        picked = self.mask.picked(data)
        if not isinstance(self.columns[name], Gaps) or not isnan(sum(picked)):
            return picked
        return array(data.typecode, [value for value in picked if not isnan(value)])

    def texts(self, name: str) -> list[str]:
        """The texts of a field that are all different."""
        column = self.columns[name]
        return [column[row] for row in self.mask]

    def pairs(self, first: str, second: str) -> list[tuple[Any, Any]]:
        """Two numbers of each, sorted."""
        data, other = self.columns.data(first), self.columns.data(second)
        return sorted(zip(self.mask.pick(data), self.mask.pick(other), strict=True))

    def tally(self, name: str) -> dict[Any, int]:
        """How often each value of a field occurs, the most frequent first."""
        coded = self.columns.coded(name)
        if coded.codes.typecode == "B":
            codes = self.mask.cut(coded.codes).tobytes()
            found: Mapping[int, int] = self.mask.count(codes, len(coded.values))
        else:
            found = Counter(self.mask.pick(coded.codes))
        order = sorted(found, key=found.__getitem__, reverse=True)
        return {coded.values[code]: found[code] for code in order}

    def tallies(self, *names: str) -> dict[tuple[Any, ...], int]:
        """How often each combination of some fields' values occurs."""
        coded = [self.columns.coded(name) for name in names]
        found = Counter(zip(*(self.mask.pick(one.codes) for one in coded), strict=True))
        return {
            tuple(map(getitem, [one.values for one in coded], codes)): count
            for codes, count in found.items()
        }

    def kinds(self, *names: str) -> dict[tuple[Any, ...], Sample]:
        """The first one of each combination of some fields' values."""
        coded = [self.columns.coded(name) for name in names]
        picked = zip(*(self.mask.pick(one.codes) for one in coded), strict=True)
        found: dict[tuple[int, ...], int] = {}
        for row, codes in zip(self.mask, picked, strict=True):
            found.setdefault(codes, row)
        return {
            tuple(map(getitem, [one.values for one in coded], codes)): Row(self.columns, row)
            for codes, row in found.items()
        }

    def by_value(
        self, name: str, number: str, *, missing: float = 0.0
    ) -> "dict[Any, array[float]]":
        """The numbers of one field by the value of another; a missing number as `missing`."""
        coded = self.columns.coded(name)
        found: list[array[float]] = [array("d") for _ in coded.values]
        put = [values.append for values in found]
        numbers = self.mask.pick(self.columns.data(number))
        for code, value in zip(self.mask.pick(coded.codes), numbers, strict=True):
            put[code](value if value == value else missing)  # noqa: PLR0124 - NaN
        return {coded.values[code]: values for code, values in enumerate(found) if values}

    def texts_by_value(self, name: str, text: str) -> dict[Any, list[str]]:
        """The texts of one field by the value of another; empty ones are left out."""
        coded, column = self.columns.coded(name), self.columns[text]
        found: defaultdict[Any, list[str]] = defaultdict(list)
        for row, code in zip(self.mask, self.mask.pick(coded.codes), strict=True):
            if own := column[row]:
                found[coded.values[code]].append(own)
        return dict(found)

    def stretches(self, name: str, start: datetime, width_s: float) -> "dict[int, Samples]":
        """Them by which stretch of time, of equal ones from `start` on, a time of theirs is in."""
        start_us, width_us = microseconds(start), width_s * 1e6

        def place(at_us: int) -> int:
            return int((at_us - start_us) // width_us)

        found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        times = self.columns.numbers(name)
        for first, (low, high) in zip(
            range(0, len(times.data), STRETCH), times.bounds(), strict=True
        ):
            rows = times.data[first : first + STRETCH]
            if place(low) == place(high):
                found[place(low)].append((first, first + len(rows)))
            else:
                for row, at_us in enumerate(rows, first):
                    found[place(at_us)].append((row, row + 1))
        masks = {place: Mask.over(rows) & self.mask for place, rows in found.items()}
        return {place: Samples(self.columns, mask) for place, mask in masks.items() if len(mask)}

    def per_second(self, name: str, start: datetime) -> "Counter[int]":
        """How many of a time of theirs are in each second, counted from `start`."""
        since_us = map(microseconds(start).__rsub__, self.mask.pick(self.columns.data(name)))
        return Counter(map((1_000_000).__rfloordiv__, since_us))

    def first_by(self, name: str) -> Sample | None:
        """The one with the least number, or the earliest time."""
        return self._found(name, min(self.mask.pick(self.columns.data(name)), default=None))

    def last_by(self, name: str) -> Sample | None:
        """The one with the greatest number, or the latest time."""
        return self._found(name, max(self.mask.pick(self.columns.data(name)), default=None))

    def _found(self, name: str, number: Any) -> Sample | None:
        """The first one that has this number."""
        if number is None:
            return None
        data, row = self.columns.data(name), self.mask.stretch[0]
        while not self.mask.has(row := data.index(number, row)):
            row += 1
        return Row(self.columns, row)

    def sorted_by(self, name: str) -> list[Sample]:
        """Them all by a number or a time. Makes each of them: not for a million."""
        rows = sorted(self.mask, key=self.columns.data(name).__getitem__)
        return [Row(self.columns, row) for row in rows]

    def elapsed_ms(self, provider: str) -> list[float]:
        """How long each attempt at `provider` took."""
        return [elapsed_ms for _, elapsed_ms in self._elapsed(provider)]

    def _elapsed(self, provider: str) -> Iterator[tuple[int, float]]:
        """The row and the time of each attempt at `provider`."""
        attempts = self.columns["attempts"]
        assert isinstance(attempts, Ragged)
        places = [
            [place for place, (name, _) in enumerate(way) if name == provider]
            for way in attempts.shapes.values
        ]
        starts, codes, parts = attempts.starts(), attempts.shapes.codes, attempts.parts
        for row in self.mask:
            for place in places[codes[row]]:
                yield row, parts[starts[row] + place]


assert tuple(KINDS) == FIELDS, "a field of a sample has no kind of column"
