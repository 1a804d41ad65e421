"""How times, numbers and durations are written, the same in every form of the report."""

from datetime import UTC, datetime

NONE = "–"  # what a reader expects in an empty cell


def clock_time(moment: datetime | None) -> str:
    """`10:00:20.412`, in UTC; a dash where there is none."""
    if moment is None:
        return NONE
    utc = moment.astimezone(UTC)
    return f"{utc:%H:%M:%S}.{utc.microsecond // 1000:03d}"


def date_time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def day(moment: datetime) -> str:
    """`21 Nov 2026`, in UTC."""
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y}"


def after(moment: datetime | None, start: datetime) -> str:
    """`+0.41 s` from `start`; a dash where there is no moment."""
    if moment is None:
        return NONE
    # Adding 0.0 turns the negative zero that rounding leaves into zero.
    return f"{round((moment - start).total_seconds(), 2) + 0.0:+.2f} s"


def milliseconds(value: float | None) -> str:
    return NONE if value is None else f"{value:,.0f} ms"


def seconds(value: float | None) -> str:
    """`30.0 s`, or minutes from two of them on."""
    if value is None:
        return NONE
    return f"{value:.1f} s" if value < 120 else f"{value / 60:.1f} min"


def long_time(seconds: float) -> str:
    """`45 s`, `5 min`, `8.6 min`, `1 h`, `3 d`: the unit that a person would choose."""
    units = (("s", 1, 120), ("min", 60, 3_600), ("h", 3_600, 86_400))
    for unit, length_s, below_s in units:
        if seconds < below_s:
            return f"{seconds / length_s:.1f}".removesuffix(".0") + f" {unit}"
    return f"{seconds / 86_400:.1f}".removesuffix(".0") + " d"


def burn(rate: float) -> str:
    """`14.4x`, `0.03x`, `200x`: three digits that tell."""
    return f"{rate:.3g}x" if rate < 1000 else f"{rate:,.0f}x"


def share(part: int, whole: int) -> str:
    return NONE if not whole else f"{part / whole:.1%}".replace("%", " %")


def between(least: float, most: float | None) -> str:
    """US dollars that are known between two bounds; `most` None: nobody knows how much more."""
    if most is None:
        return f"{dollars(least)} or more"
    return dollars(least) if least == most else f"{dollars(least)} to {dollars(most)}"


def dollars(value: float) -> str:
    """Two decimals, or as many as a cheap answer needs to be seen."""
    return f"${value:,.2f}" if value == 0 or value >= 0.01 else f"${value:.6f}"
