"""One page for whoever answers for a game day: what was promised, what was measured, what is open.

It holds what `game_day.json`, the findings and the history say at the moment it is made.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from gameday.domain.finding import Finding
from gameday.domain.game_day import DrillOutcome, GameDayResult
from gameday.domain.readiness import Coverage
from gameday.domain.result import CheckResult
from gameday.reporting import wording as say
from gameday.reporting.coverage import never_sentences
from gameday.reporting.html import environment
from gameday.reporting.past import in_unit
from gameday.store.findings import Findings
from gameday.store.run_folder import RunFolder

Row = tuple[str, ...]
DRILL_HEADS = ("Drill", "What came of it", "Requests that met it", "No good answer")
MEASURE_HEADS = ("Check", "Measured", "Objective", "Held")
PEOPLE_HEADS = ("Drill", "Paged", "Acknowledged", "Decided")
OPEN_HEADS = ("Finding", "Owner", "Due", "What")
SIGN_HEADS = ("As", "Name", "Date", "Signature")


@dataclass(frozen=True)
class DayPage:
    """All that the page is made of.

    radius: whose requests each run's plan said it could touch, by run id. coverage: what was ever
    rehearsed on the day's target; None where no run of it is stored.
    """

    day: GameDayResult
    findings: Sequence[Finding]
    today: date
    radius: Mapping[str, str] = field(default_factory=dict)
    coverage: Coverage | None = None

    @property
    def open_findings(self) -> list[Finding]:
        """Those of the day's target that nobody has closed, the longest overdue first."""
        found = [
            one
            for one in self.findings
            if one.closed_at is None
            and (one.target, one.environment) == (self.day.target, self.day.environment)
        ]
        return sorted(found, key=lambda one: (one.due, one.id))


def render_game_day(page: DayPage) -> str:
    """One file that loads nothing and runs nothing; the same page gives the same bytes."""
    return environment().get_template("game_day.html.j2").render(_context(page))


def _context(page: DayPage) -> dict[str, Any]:
    day = page.day
    overdue = [one for one in page.open_findings if one.overdue(page.today)]
    return {
        "day": day,
        "tone": day.verdict or "unknown",
        "word": day.verdict or "not closed",
        "headline": _headline(day),
        "exposed": _exposed(day),
        "about": _about(day),
        "drill_heads": DRILL_HEADS,
        "drills": [(drill.verdict or "unknown", _drill_row(drill)) for drill in day.drills],
        "touched": list(_touched(page)),
        "measure_heads": MEASURE_HEADS,
        "measures": [(drill.drill, rows) for drill in day.drills if (rows := _measures(drill))],
        "unmeasured": _unmeasured(day),
        "people_heads": PEOPLE_HEADS,
        "people": [row for drill in day.drills for row in _people_row(drill)],
        "overdue": _overdue(page, overdue),
        "open_heads": OPEN_HEADS,
        "open": [_open_row(one, page.today) for one in page.open_findings],
        "coverage": page.coverage,
        "never": never_sentences(page.coverage) if page.coverage else [],
        "sign_heads": SIGN_HEADS,
        "signers": list(_signers(day)),
        "today": f"{page.today.day} {page.today:%b %Y}",
    }


def _headline(day: GameDayResult) -> str:
    if day.verdict is None:
        return "Nobody has closed this game day: it goes on, or was lost."
    return f"{day.reason[:1].upper()}{day.reason[1:]}."


def _exposed(day: GameDayResult) -> str:
    """Who met the faults, in one sentence; of users who were no drill's nobody knows a number."""
    requests = sum(drill.requests for drill in day.drills)
    errors = sum(drill.errors for drill in day.drills)
    ran = [drill for drill in day.drills if drill.started_at is not None]
    if not ran:
        return "No drill ran, and nobody was exposed."
    broken_s = sum(map(_lasted_s, ran))
    return (
        f"{requests:,} synthetic requests met what the drills did, and {errors:,} of them got no "
        f"good answer; the drills took {say.long_time(broken_s)} together."
    )


def _lasted_s(drill: DrillOutcome) -> float:
    if drill.started_at is None or drill.ended_at is None:
        return 0.0
    return (drill.ended_at - drill.started_at).total_seconds()


def _about(day: GameDayResult) -> list[Row]:
    ended = f" to {say.clock_time(day.ended_at)[:5]}" if day.ended_at else ", not closed"
    began = f"{say.day(day.started_at)}, {say.clock_time(day.started_at)[:5]}{ended} UTC"
    slot = f"slot of {day.slot_at:%Y-%m-%d %H:%M}" if day.slot_at else "started by a person"
    return [
        ("Target", f"{day.target} · {day.environment}"),
        ("When", began),
        ("Occasion", f"{slot}, asked for by {day.requested_by}"),
        ("Led by", day.people.leads),
        ("Preconditions", _confirmed(day)),
        ("Plans and rules (digest)", f"{day.digest[:16]}…"),
    ]


def _confirmed(day: GameDayResult) -> str:
    if not day.preconditions:
        return "none are stated"
    stated = f"{len(day.preconditions)} stated"
    return f"{stated}, confirmed by {day.confirmed_by or 'nobody'}"


def _touched(page: DayPage) -> Iterator[str]:
    """Whose other requests the plans could touch, each radius once."""
    drills: dict[str, list[str]] = {}
    for drill in page.day.drills:
        if drill.started_at is not None:
            radius = page.radius.get(drill.run_id or "", "not known: its run is gone")
            drills.setdefault(radius, []).append(drill.drill)
    yield from (f"{', '.join(names)}: {radius}." for radius, names in drills.items())


def _drill_row(drill: DrillOutcome) -> Row:
    approved = f" Approved by {drill.approved_by}." if drill.approved_by else ""
    return (
        drill.title,
        f"{drill.sentence or 'It did not run'}.{approved}",
        f"{drill.requests:,}" if drill.started_at else say.NONE,
        f"{drill.errors:,}" if drill.started_at else say.NONE,
    )


def _measures(drill: DrillOutcome) -> list[Row]:
    """The checks that go by one number with an objective, in the columns of MEASURE_HEADS."""
    found: list[Row] = []
    for check in drill.checks:
        measure = check.measure
        if measure is not None and measure.objective is not None:
            bound = "at most" if measure.worse == "up" else "at least"
            objective = f"{bound} {in_unit(measure.objective, measure.unit)}"
            measured = in_unit(measure.value, measure.unit)
            found.append((_label(check), measured, objective, str(check.held)))
    return found


def _unmeasured(day: GameDayResult) -> str:
    """Of the checks that go by no single number only those that did not hold need words here."""
    others = [
        (drill.drill, check)
        for drill in day.drills
        for check in drill.checks
        if check.measure is None or check.measure.objective is None
    ]
    if not others:
        return ""
    told = [f"{drill}: {_label(check)} {check.held}" for drill, check in others
            if check.held != "yes"]  # fmt: skip
    count = f"{len(others)} more checks go by no single number; {len(others) - len(told)} held"
    return f"{count}. {'. '.join(told)}." if told else f"{count}."


def _label(check: CheckResult) -> str:
    return f"{check.kind} {check.name}".strip()


def _people_row(drill: DrillOutcome) -> Iterator[Row]:
    people = drill.people
    if people.paged_at is None and people.acknowledged_at is None and people.decided_at is None:
        return
    yield (
        drill.drill,
        f"{', '.join(people.paged)} at {say.clock_time(people.paged_at)[:8]}",
        _done(people.acknowledged_by, people.acknowledged_after_s),
        " · ".join(filter(None, (_done(people.decided_by, people.decided_after_s),
                                 people.decision))),
    )  # fmt: skip


def _done(by: str, after_s: float | None) -> str:
    if not by:
        return "nobody said so"
    return f"{by}, after {say.long_time(after_s)}" if after_s is not None else by


def _overdue(page: DayPage, overdue: Sequence[Finding]) -> str:
    total = len(page.open_findings)
    if not total:
        return "No finding is open."
    past = f"{len(overdue)} of them past the date" if overdue else "none past its date"
    return f"{total} finding{'s' * (total > 1)} open, {past}."


def _open_row(finding: Finding, today: date) -> Row:
    due = f"{finding.due}, OVERDUE" if finding.overdue(today) else str(finding.due)
    return (finding.id, finding.owner, due, finding.what)


def _signers(day: GameDayResult) -> Iterable[Row]:
    """Lines to sign by hand; whoever leads, then whoever approves."""
    yield ("leads", day.people.leads)
    yield from (("approves", name) for name in day.people.approves)
    yield ("answers for the system", "")


def day_title(day: GameDayResult) -> str:
    """How lists name it."""
    word = day.verdict or "not closed"
    return f"{say.day(day.started_at)}: {day.title} on {day.target}/{day.environment}, {word}"


def page_of_day(
    day: GameDayResult, runs: Path, now: datetime, coverages: Mapping[str, Coverage]
) -> DayPage:
    """The page of a day whose runs are below `runs`. A run that is gone is told without a radius.

    coverages: by place, such as `shop/staging`.

    Raises FileError for findings that cannot be read.
    """
    folders = (RunFolder(runs / drill.run_id) for drill in day.drills if drill.run_id)
    radius = {
        folder.run_id: folder.read_record().request.plan.radius
        for folder in folders
        if folder.record_file.exists()
    }
    coverage = coverages.get(f"{day.target}/{day.environment}")
    return DayPage(day, Findings(runs).all(), now.date(), radius, coverage)
