"""Puts the last runs of a drill beside each other, figure by figure and check by check."""

from collections.abc import Iterable, Sequence

from gameday.domain.figure import Figure
from gameday.domain.history import HistoryRow
from gameday.reporting import wording as say
from gameday.reporting.past import written

RUNS_MAX = 6
Row = tuple[str, ...]


def compared_heads(rows: Sequence[HistoryRow]) -> Row:
    """The heads of `compared_rows`: the runs, and what the last one is against the one before."""
    return ("", *(row.run_id for row in rows), *(["Against the run before"] * (len(rows) > 1)))


def compared_rows(rows: Sequence[HistoryRow]) -> list[Row]:
    """When, verdict, every figure that any of these has, every check. rows: the oldest first."""
    keys = dict.fromkeys(figure.key for row in rows for figure in row.figures)
    checks = dict.fromkeys(name for row in rows for name in _checks(row))
    return [
        _began(rows),
        _whole("Verdict", (row.verdict for row in rows)),
        *(_figures(key, [row.figure(key) for row in rows]) for key in keys),
        *(
            _whole(f"check {name}", (_checks(row).get(name, say.NONE) for row in rows))
            for name in checks
        ),
    ]


def _began(rows: Sequence[HistoryRow]) -> Row:
    times = (f"{row.started_at:%Y-%m-%d %H:%M}" for row in rows)
    return ("Began (UTC)", *times, *([say.NONE] * (len(rows) > 1)))


def _whole(name: str, texts: Iterable[str]) -> Row:
    """A row of words: the last is changed, or not, against the one before."""
    told = tuple(str(text) for text in texts)
    if len(told) < 2:
        return (name, *told)
    return (name, *told, "same" if told[-1] == told[-2] else "changed")


def _figures(key: str, figures: Sequence[Figure | None]) -> Row:
    told = (key, *(written(figure) for figure in figures))
    return told if len(figures) < 2 else (*told, _against(figures[-1], figures[-2]))


def _against(last: Figure | None, before: Figure | None) -> str:
    """How much more or less, and whether that is to the worse; no word on whether it is chance."""
    if last is None or before is None:
        return say.NONE
    if last.value == before.value:
        return "same"
    worse = (last.value > before.value) == (last.worse == "up")
    word = "worse" if worse else "better"
    if before.value == 0:
        return f"{word}, from 0"
    share = (last.value - before.value) / before.value
    if abs(share) < 0.005:
        return "about the same"
    return f"{share:+.0%}, {word}".replace("%", " %").replace("-", "\N{MINUS SIGN}")


def _checks(row: HistoryRow) -> dict[str, str]:
    """Of two checks of one name the one that is further from yes."""
    order = {"no": 0, "unknown": 1, "yes": 2}
    ordered = sorted(row.checks, key=lambda check: order[check.held], reverse=True)
    return {f"{check.kind} {check.name}".strip(): str(check.held) for check in ordered}
