"""When game days are due: the slots of a rule in a time zone, and the freezes that none runs in.

A pure function of the rule, two moments and the time zone database. A rule's fields are and-ed, as
those of a Temporal schedule are, so that `first tuesday` is a Tuesday on one of the days 1 to 7.

A local time that clocks skip or show twice is taken as RFC 5545 (3.3.5) takes it: one that is
skipped by the offset before the gap, so that 02:30 is 03:30; one that comes twice by its first
coming. So each has one moment, once. Temporal has other answers, of more than one kind: a rule
that meets such a time is refused before it gets there (`disputed`).
"""

import calendar as month_table
import itertools
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from gameday.domain.names import Sentence
from gameday.domain.value import Value

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NTH = {"first": (1, 7), "second": (8, 14), "third": (15, 21), "fourth": (22, 28)}
_AT = "10:00"
_QUARTERS = (1, 4, 7, 10)
_ON = re.compile(rf"(?:({'|'.join(_NTH)}) )?({'|'.join(WEEKDAYS)})")
_DAY_MAX = 366
_LOOK_AHEAD = timedelta(days=4 * _DAY_MAX)  # a 29 February comes within it, but around 2100
_LAG = timedelta(days=3)  # more than any clock was ever moved


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            f"expected a time zone of the IANA database such as Europe/Berlin, found {name!r}"
        ) from error
    return name


TimeZone = Annotated[
    str,
    Field(min_length=1, max_length=64, examples=["Europe/Berlin"]),
    AfterValidator(_known_zone),
]
Month = Annotated[int, Field(ge=1, le=12)]
Day = Annotated[int, Field(ge=1, le=31)]
Hour = Annotated[int, Field(ge=0, le=23)]
Minute = Annotated[int, Field(ge=0, le=59)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Freeze(Value):
    """Days, both of them included, on which nothing is broken, and why."""

    from_: date = Field(alias="from", description="the first day, by the time zone it belongs to")
    to: date
    reason: Sentence

    # `from` is no name in Python: written and read back as in a file, wherever it is stored.
    model_config = {"populate_by_name": True, "serialize_by_alias": True}

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.to < self.from_:
            raise ValueError(f"the freeze ends on {self.to}, before it begins on {self.from_}")
        return self

    @property
    def words(self) -> str:
        """`2026-12-18 to 2027-01-04: year-end freeze`."""
        days = f"{self.from_}" if self.from_ == self.to else f"{self.from_} to {self.to}"
        return f"{days}: {self.reason}"


def freeze_at(freezes: Sequence[Freeze], moment: datetime, time_zone: str) -> Freeze | None:
    """The freeze that is on at the moment, whose days are those of the time zone."""
    day = moment.astimezone(ZoneInfo(time_zone)).date()
    return next((freeze for freeze in freezes if freeze.from_ <= day <= freeze.to), None)


class Fields(Value):
    """A rule as cron has it: each field must fit. A field that is left out fits always."""

    months: Annotated[tuple[Month, ...], Field(min_length=1)] = tuple(range(1, 13))
    days: Annotated[tuple[Day, ...], Field(min_length=1)] = tuple(range(1, 32))
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1)] = WEEKDAYS  # type: ignore[assignment]
    hours: Annotated[tuple[Hour, ...], Field(min_length=1, max_length=24)]
    minutes: Annotated[tuple[Minute, ...], Field(min_length=1, max_length=4)] = (0,)

    @model_validator(mode="after")
    def _comes_at_all(self) -> Self:
        longest = {month: month_table.monthrange(2028, month)[1] for month in self.months}
        if min(self.days) > max(longest.values()):
            raise ValueError(f"no month of {list(self.months)} has a day {min(self.days)}")
        return self

    def fits(self, day: date) -> bool:
        return (
            day.month in self.months
            and day.day in self.days
            and WEEKDAYS[day.weekday()] in self.weekdays
        )

    def times(self) -> Iterator[time]:
        """Those of each day that fits, earliest first."""
        for hour in sorted(set(self.hours)):
            for minute in sorted(set(self.minutes)):
                yield time(hour, minute)


class Slot(Value):
    """One moment at which the rule asks for a game day.

    frozen: the freeze it falls in, in words; empty where it stands.
    """

    at: datetime  # in UTC
    local: str  # as the clock on the wall there shows it: `2027-01-05 10:00`
    frozen: str = ""


class Calendar(Value):
    """When a game day is due: `every` week, month or quarter `on` a weekday, or cron-like fields.

    on: `tuesday` for every week, `first tuesday` (to fourth) for the others. at: the time of day,
    10:00 unless said. months: of a quarter's game days, where they are not January, April, July
    and October.
    """

    time_zone: TimeZone = "UTC"
    every: Literal["week", "month", "quarter"] | None = None
    on: Annotated[str, Field(examples=["first tuesday"])] | None = None
    at: (
        Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["10:00"])] | None
    ) = None
    months: Annotated[tuple[Month, ...], Field(min_length=1)] | None = None
    fields: Fields | None = None
    freezes: tuple[Freeze, ...] = ()

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        if (self.every is None) == (self.fields is None):
            raise ValueError("expected either every (with on and at) or fields")
        if self.fields is not None:
            if self.on is not None or self.months is not None or self.at is not None:
                raise ValueError("fields are a rule of their own; expected no on, at or months")
            return self
        found = _ON.fullmatch(self.on or "")
        expected = "tuesday" if self.every == "week" else "first tuesday"
        if found is None or (found[1] is None) != (self.every == "week"):
            raise ValueError(
                f"on: every {self.every} needs a day such as {expected!r}, found {self.on!r}"
            )
        if self.months is not None and self.every != "quarter":
            raise ValueError("months belongs to every: quarter")
        return self

    @property
    def rule(self) -> Fields:
        """The rule as fields, whichever way it is written."""
        if self.fields is not None:
            return self.fields
        found = _ON.fullmatch(self.on or "")
        assert found is not None
        first, last = _NTH.get(found[1], (1, 31))
        months = tuple(range(1, 13)) if self.every != "quarter" else self.months or _QUARTERS
        hour, minute = map(int, (self.at or _AT).split(":"))
        return Fields.model_validate(
            {
                "months": months,
                "days": tuple(range(first, last + 1)),
                "weekdays": (found[2],),
                "hours": (hour,),
                "minutes": (minute,),
            }
        )

    @property
    def words(self) -> str:
        if self.fields is None:
            return f"every {self.every} on {self.on} at {self.at or _AT}, {self.time_zone}"
        given = self.fields.model_dump(mode="json", exclude_unset=True)
        parts = (f"{name} {', '.join(map(str, values))}" for name, values in given.items())
        return f"{'; '.join(parts)}; {self.time_zone}"

    def freeze_at(self, moment: datetime) -> Freeze | None:
        return freeze_at(self.freezes, moment, self.time_zone)


def slots(calendar: Calendar, since: datetime, until: datetime) -> Iterator[Slot]:
    """Every slot after `since` up to and with `until`, in order, each moment once."""
    for moment, wall in _moments(calendar, since, until):
        freeze = calendar.freeze_at(moment)
        yield Slot(at=moment, local=f"{wall:%Y-%m-%d %H:%M}", frozen=freeze.words if freeze else "")


def next_slots(calendar: Calendar, since: datetime, count: int) -> list[Slot]:
    """The next `count` slots after `since`; fewer where the rule has no more within four years."""
    found: list[Slot] = []
    for slot in slots(calendar, since, since + _LOOK_AHEAD):
        found.append(slot)
        if len(found) == count:
            break
    return found


def disputed(calendar: Calendar, since: datetime, until: datetime) -> str:
    """The first slot whose local time is skipped, or comes twice, in a sentence; '' for none."""
    zone = ZoneInfo(calendar.time_zone)
    for moment, wall in _moments(calendar, since, until):
        shown = moment.astimezone(zone)
        if shown.replace(tzinfo=None) != wall:
            return f"{wall:%H:%M} on {wall:%Y-%m-%d} does not exist in {calendar.time_zone}"
        if shown.utcoffset() != shown.replace(fold=1).utcoffset():
            return f"{wall:%H:%M} on {wall:%Y-%m-%d} comes twice in {calendar.time_zone}"
    return ""


def period(calendar: Calendar, since: datetime) -> timedelta:
    """The longest time from one slot to the next, of the four years from `since`; a day at least.

    Frozen slots count: a freeze makes nothing better rehearsed.
    """
    moments = [moment for moment, _ in _moments(calendar, since, since + _LOOK_AHEAD)]
    gaps = (after - before for before, after in itertools.pairwise(moments))
    return max(gaps, default=_LOOK_AHEAD)


def _moments(
    calendar: Calendar, since: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Each moment in UTC once, in order, with the wall clock's time that stands for it."""
    zone, rule = ZoneInfo(calendar.time_zone), calendar.rule
    # Where clocks skip a time, 02:30 may come after 03:00; where they skip a day, a day after it.
    held: dict[datetime, datetime] = {}
    for day in _days(since.astimezone(zone).date() - _LAG, until.astimezone(zone).date() + _LAG):
        for at in rule.times() if rule.fits(day) else ():
            wall = datetime.combine(day, at)
            # The same moment under two names goes by the one that clocks show there.
            held[wall.replace(tzinfo=zone, fold=0).astimezone(UTC)] = wall
        settled = datetime.combine(day - _LAG, time(), tzinfo=UTC)
        for moment in sorted(moment for moment in held if moment < settled):
            wall = held.pop(moment)
            if since < moment <= until:
                yield moment, wall
    yield from sorted((moment, wall) for moment, wall in held.items() if since < moment <= until)


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
