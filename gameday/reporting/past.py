"""What a run looks like beside those before it: the last runs, the trends, and what got worse."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from gameday.domain.creep import Creep, find_all
from gameday.domain.figure import Figure
from gameday.domain.history import CONCLUSIVE, HistoryRow, comparable, series_of
from gameday.domain.verdict import Held
from gameday.reporting import wording as say

LAST_RUNS = 8
RUN_HEADS = (
    "When (UTC)",
    "Run",
    "Verdict",
    "p95",
    "No answer",
    "Quality",
    "Per answer",
    "Noticed",
    "Recovered",
)
TREND_HEADS = ("Figure", "This run", "Trend", "How surely")
_MIDDLE = ("faulted", "peak", "responded")  # the window that a run is about
_WRITTEN: dict[str, Callable[[float], str]] = {
    "ms": say.milliseconds,
    "s": say.seconds,
    "USD": say.dollars,
    "share": lambda value: f"{100 * value:.1f} %",
}


@dataclass(frozen=True)
class Past:
    """The runs of one drill on one target, the oldest first; what is told is as of the last one."""

    rows: tuple[HistoryRow, ...]

    @property
    def last(self) -> HistoryRow:
        return self.rows[-1]

    @cached_property
    def compared(self) -> list[HistoryRow]:
        """Those whose figures tell a trend."""
        return comparable(self.rows)

    @cached_property
    def trends(self) -> list[Creep]:
        """Of each figure of these, as of the last run's end."""
        return find_all(series_of(self.compared), self.last.ended_at)

    @cached_property
    def worse(self) -> list[str]:
        """What got worse, a sentence each: checks since the run before, and figures that creep."""
        return [*_fallen(self.rows), *(_said(one) for one in self.trends if one.state == "worse")]


def past_sentence(past: Past) -> str:
    """How many runs there are, how many can be compared, and whether anything got worse."""
    runs = len(past.rows)
    if runs == 1:
        return "This is the first run of this drill on this target that the history knows."
    left_out = runs - len(past.compared)
    but = f"; {left_out} of them were another form of it, or came to no end" if left_out else ""
    worse = f"{len(past.worse)} things got worse" if past.worse else "Nothing is known to be worse"
    return f"{runs} runs are known{but}. {worse}; {trends_sentence(past.trends)}."


def run_rows(past: Past) -> list[tuple[str, ...]]:
    """The last runs, the newest first, in the columns of RUN_HEADS."""
    return [run_row(row) for row in reversed(past.rows[-LAST_RUNS:])]


def run_row(row: HistoryRow) -> tuple[str, ...]:
    """One run, in the columns of RUN_HEADS."""
    about = about_window(row)
    keys = (
        *(f"{about} {name}" for name in ("latency_ms_p95", "error_share")),
        *(f"{about} {name}" for name in ("quality", "cost_per_success_usd")),
        "response detect_s",
        "restore restore_s",
    )
    figures = (row.figure(key) for key in keys)
    when = say.date_time(row.started_at).removesuffix(":00 UTC").removesuffix(" UTC")
    return (when, row.run_id, str(row.verdict), *(written(one) for one in figures))


def about_window(row: HistoryRow) -> str:
    """The window that a run is about: while its fault was there, its load was up, or after."""
    windows = {figure.of for figure in row.figures}
    return next((name for name in _MIDDLE if name in windows), "baseline")


def trend_rows(past: Past) -> list[tuple[str, ...]]:
    """Each figure that can be said something of, in the columns of TREND_HEADS; worse ones first.

    Where all that can be said is that too little is known, once is enough: `trends_sentence`.
    """
    told = [one for one in past.trends if one.state != "unknown"]
    order = {"worse": 0, "better": 1, "steady": 2}
    return [
        (one.figure.key, written(one.figure), one.state, one.sentence)
        for one in sorted(told, key=lambda one: order[one.state])
    ]


def trends_sentence(trends: Sequence[Creep]) -> str:
    """Of how many figures a trend is known, and what it takes where it is not."""
    unknown = [one for one in trends if one.state == "unknown"]
    told = f"a trend is known of {len(trends) - len(unknown)} of {len(trends)} figures"
    if not unknown:
        return told
    soonest = min(unknown, key=lambda one: one.weeks_needed)
    return f"{told}; the next may be {soonest.figure.key}: {soonest.sentence}"


def _fallen(rows: Sequence[HistoryRow]) -> list[str]:
    """The checks that said yes in the run before that came to an end, and no in the last one."""
    ended = [row for row in rows if row.verdict in CONCLUSIVE]
    if len(ended) < 2 or ended[-1] is not rows[-1]:
        return []
    before = {(one.kind, one.name): one.held for one in ended[-2].checks}
    return [
        f"{f'{one.kind} {one.name}'.strip()} held in run {ended[-2].run_id}, and now: {one.reason}"
        for one in rows[-1].checks
        if one.held is Held.NO and before.get((one.kind, one.name)) is Held.YES
    ]


def _said(creep: Creep) -> str:
    return f"{creep.figure.key} {creep.sentence}"


def written(figure: Figure | None) -> str:
    """A figure with its unit, as tables and charts write it; a dash where there is none."""
    if figure is None:
        return say.NONE
    return in_unit(figure.value, "" if figure.name == "quality" else figure.unit)


def in_unit(value: float, unit: str) -> str:
    """A number of a measure: times and money as they are read, else two decimals and the unit."""
    write = _WRITTEN.get(unit)
    plain = f"{value:.2f}{'' if unit in {'', 'attempts'} else f' {unit}'}"
    return write(value) if write else plain.replace(" x", "x")
