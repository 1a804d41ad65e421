"""Makes the history as a static site: what was rehearsed on each target, and where it goes.

It is made anew as a whole, beside the old one, which it then replaces: so a run whose report was
taken away is not left in it.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from gameday.domain.errors import RefusedError, StartError
from gameday.domain.figure import Figure
from gameday.domain.finding import Finding
from gameday.domain.history import HistoryRow
from gameday.domain.readiness import Coverage
from gameday.reporting import wording as say
from gameday.reporting.coverage import SCENARIO_HEADS, never_sentences, scenario_rows
from gameday.reporting.findings import FINDING_HEADS, finding_rows
from gameday.reporting.game_day_page import DayPage, day_title, render_game_day
from gameday.reporting.html import environment
from gameday.reporting.past import (
    TREND_HEADS,
    Past,
    about_window,
    past_sentence,
    trend_rows,
    written,
)
from gameday.reporting.side_by_side import RUNS_MAX, compared_heads, compared_rows
from gameday.reporting.trend_chart import TrendChart, make_trend_chart
from gameday.store.atomic import write_whole
from gameday.store.run_folder import RunFolder

INDEX = "index.html"
MADE_BY = '<meta name="generator" content="gameday site">'
_CHARTED = ("latency_ms_p95", "error_share", "quality", "attempts_per_request",
            "cost_per_success_usd")  # fmt: skip
_CLOCK = ("response detect_s", "response all_good_s", "restore restore_s")
RUN_ROWS_MAX = 200
WORSE_MAX = 3  # sentences a drill, on the first page


@dataclass(frozen=True)
class Site:
    """All that is shown.

    pasts: the runs of each drill on each target. days: newest first. coverages: by place.
    """

    pasts: Sequence[Past]
    findings: Sequence[Finding]
    now: datetime
    days: Sequence[DayPage] = ()
    coverages: Mapping[str, Coverage] = field(default_factory=dict)

    @cached_property
    def places(self) -> dict[str, list[Past]]:
        """The drills of each target and environment, by name."""
        found: dict[str, list[Past]] = {}
        for past in sorted(self.pasts, key=lambda past: (past.last.place, past.last.drill)):
            found.setdefault(past.last.place, []).append(past)
        return found


@dataclass(frozen=True)
class RunLine:
    """One run of a drill's page: where its report is, '' where it has none any more."""

    row: HistoryRow
    report: str
    when: str
    words: str


def write_site(site: Site, folder: Path) -> int:
    """Write the site in place of what is at `folder`; how many pages it has.

    Raises RefusedError where something else is there, StartError when the disk says no.
    """
    _require_own(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    except OSError as error:
        raise StartError(f"{folder} cannot be made: {error.strerror or error}") from error
    try:
        pages = 0
        for path, content in _pages(site):
            write_whole(made / path, content)
            pages += 1
        made.chmod(0o755)
        _replace(folder, made)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return pages


def _require_own(folder: Path) -> None:
    """Nothing is taken away that this did not make."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    index = folder / INDEX
    if not index.is_file() or MADE_BY not in index.read_text(errors="replace"):
        raise RefusedError(
            f"{folder} holds something else than a site of Gameday; it would be replaced",
            next_step="name a folder that is new or empty",
        )


def _replace(folder: Path, made: Path) -> None:
    old = made.with_name(f"{made.name}.old")
    if folder.exists():
        folder.rename(old)
    made.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _pages(site: Site) -> Iterator[tuple[str, bytes]]:
    """Each file of the site by its path."""
    yield INDEX, _render("site_index.html.j2", _index(site))
    for past in site.pasts:
        yield drill_page(past), _render("site_drill.html.j2", _drill(site, past))
        for row in past.rows:
            if _has_report(row):
                report = RunFolder(row.folder).html_file.read_bytes()
                yield f"runs/{row.run_id}/report.html", report
    yield from ((day_page(one), render_game_day(one).encode()) for one in site.days)


def drill_page(past: Past) -> str:
    """Where a drill's page is. Names have no other characters than those of a file's name."""
    last = past.last
    return f"drills/{last.target}.{last.environment}.{last.drill}.html"


def day_page(page: DayPage) -> str:
    """Where a game day's page is."""
    return f"game-days/{page.day.id}.html"


def _has_report(row: HistoryRow) -> bool:
    return RunFolder(row.folder).html_file.is_file()


def _render(template: str, told: dict[str, Any]) -> bytes:
    return environment().get_template(template).render(told).encode()


def _index(site: Site) -> dict[str, Any]:
    runs = [row for past in site.pasts for row in past.rows]
    return {
        "made_at": say.date_time(site.now),
        "headline": _headline(site),
        "runs": len(runs),
        "drills": len(site.pasts),
        "places": [
            {
                "place": place,
                "drills": [_overview(past) for past in pasts],
                "findings": _findings_of(site, place),
                **_coverage(site.coverages.get(place)),
            }
            for place, pasts in site.places.items()
        ],
        "finding_heads": FINDING_HEADS,
        "scenario_heads": SCENARIO_HEADS,
        "days": [(day_page(one), day_title(one.day)) for one in site.days],
    }


def _coverage(coverage: Coverage | None) -> dict[str, Any]:
    """What the first page says of a place's readiness; nothing where no record is left."""
    if coverage is None:
        return {"covered": "", "scenarios": [], "never": []}
    return {
        "covered": coverage.sentence,
        "scenarios": scenario_rows(coverage),
        "never": never_sentences(coverage),
    }


def _headline(site: Site) -> str:
    if not site.pasts:
        return "No run is stored here."
    total = len(site.pasts)
    passed = sum(past.last.verdict == "passed" for past in site.pasts)
    worse = sum(bool(past.worse) for past in site.pasts)
    overdue = sum(one.overdue(site.now.date()) for one in site.findings)
    told = [f"{passed} of {total} drills passed when they were last run"]
    told += [f"{worse} got worse"] * bool(worse)
    told += [f"{overdue} finding{'s' * (overdue > 1)} past the date"] * bool(overdue)
    return "; ".join(told) + "."


def _overview(past: Past) -> dict[str, Any]:
    last = past.last
    return {
        "verdict": last.verdict,
        "drill": last.drill,
        "title": last.title,
        "page": drill_page(past),
        "run": _line(last, "runs/"),
        "runs": len(past.rows),
        "worse": past.worse[:WORSE_MAX],
        "further": len(past.worse[WORSE_MAX:]),
    }


def _drill(site: Site, past: Past) -> dict[str, Any]:
    last = past.last
    shown = past.rows[-RUNS_MAX:]
    newest_first = list(reversed(past.rows))[:RUN_ROWS_MAX]
    return {
        "made_at": say.date_time(site.now),
        "last": last,
        "sentence": past_sentence(past),
        "worse": past.worse,
        "charts": _charts(past),
        "trend_heads": TREND_HEADS,
        "trends": trend_rows(past),
        "compared_heads": compared_heads(shown),
        "compared": compared_rows(shown),
        "lines": [_line(row, "../runs/") for row in newest_first],
        "left_out": len(past.rows) - len(newest_first),
        "finding_heads": FINDING_HEADS,
        "findings": _findings_of(site, last.place, last.drill),
    }


def _charts(past: Past) -> list[TrendChart]:
    """Of the window that the drill is about, then of the clock."""
    about = about_window(past.last)
    keys = (*(f"{about} {name}" for name in _CHARTED), *_CLOCK)
    charts = (make_trend_chart(key, past.compared) for key in keys)
    return [chart for chart in charts if chart is not None]


def _line(row: HistoryRow, below: str) -> RunLine:
    report = f"{below}{row.run_id}/report.html" if _has_report(row) else ""
    about = about_window(row)
    figures = (
        (f"{about} latency_ms_p95", "p95 {}"),
        (f"{about} error_share", "{} without an answer"),
        (f"{about} quality", "quality {}"),
        ("response detect_s", "noticed after {}"),
    )
    told = [
        words.format(written(figure))
        for key, words in figures
        if (figure := row.figure(key)) is not None
    ]
    told += _restored(row.figure("restore restore_s"))
    return RunLine(row, report, say.date_time(row.started_at), ", ".join(told) or row.reason)


def _restored(figure: Figure | None) -> list[str]:
    """How long users went on feeling the fault; nothing where nobody knows."""
    if figure is None:
        return []
    if figure.value == 0:
        return ["no bad answer after the fault was gone"]
    return [f"last bad answer {written(figure)} after the fault was gone"]


def _findings_of(site: Site, place: str, drill: str = "") -> list[tuple[str, ...]]:
    """Those of a place, or of one drill there."""
    found = [
        one
        for one in site.findings
        if f"{one.target}/{one.environment}" == place and drill in {"", one.drill}
    ]
    return finding_rows(found, site.now.date())
