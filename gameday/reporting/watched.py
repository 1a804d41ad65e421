"""What a watch tells: its status, its notices, and its figures for a monitoring system."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gameday.catalog.files import load_target
from gameday.catalog.suite_files import load_suite
from gameday.domain.errors import FileError
from gameday.domain.ledger import Entry, differences
from gameday.domain.quality_envelope import Verdict
from gameday.domain.standing import Envelope, Notice, Standing
from gameday.domain.target import Target
from gameday.domain.tick import Tick
from gameday.domain.watch import Watch
from gameday.domain.watch_cost import Spending, spending
from gameday.reporting.on_call import Summary, compared_with_ledger, proposal
from gameday.store.watches import Told, Watches, entry_of

_TICKS_SHOWN = 24
_ACCEPT = "gameday record --accept --because '...'"


@dataclass(frozen=True)
class Facts:
    """What is at hand about one watch.

    target: None where its file cannot be read. turns: of each case of its suite, how many requests
    it takes. before: the ledger's last line from before the change, if any. ticks: the last ones.
    """

    watch: Watch
    standing: Standing
    target: Target | None = None
    turns: tuple[int, ...] = ()
    before: Entry | None = None
    ticks: tuple[Tick, ...] = ()

    @property
    def place(self) -> str:
        return f"{self.watch.target}/{self.watch.environment}"

    @property
    def differing(self) -> tuple[str, ...] | None:
        if self.before is None or not self.ticks:
            return None
        return differences(self.before, entry_of(self.watch, self.ticks[-1]))

    @property
    def spending(self) -> Spending | None:
        """Of a day; None where the target cannot be read."""
        if self.target is None:
            return None
        return spending(self.watch, self.turns, self.target.prices.values(), self.ticks)


def read_facts(watches: Watches, watch: Watch) -> Facts:
    """Of a watch that is kept. Raises StartError."""
    standing = watches.standing(watch.name)
    began = [one.began for one in (standing.changed, standing.outside) if one]
    ledger = watches.ledger
    before = ledger.last(watch.target, watch.environment, min(began)) if began else None
    ticks = tuple(watches.last_ticks(watch.name, _TICKS_SHOWN))
    try:
        target = load_target(watch.target_file)
        suite = load_suite((Path(watch.target_file).parent / target.suite).resolve())
    except FileError:  # whoever asks how a watch stands must be answered all the same
        return Facts(watch, standing, before=before, ticks=ticks)
    turns = tuple(len(case.asked) for case in suite.cases)
    return Facts(watch, standing, target, turns, before, ticks)


def summary(facts: Facts) -> Summary:
    """Of an alarm that is open."""
    standing, watch = facts.standing, facts.watch
    changed = f"{facts.place}: {standing.changed.sentence}" if standing.changed else ""
    status = f"gameday watch status {watch.name}"
    meant = f"; if it is meant:  {_ACCEPT}" if standing.outside is None else ""
    components = facts.target.components if facts.target else {}
    outside = standing.outside
    return Summary(
        word=standing.word,
        sentences=(
            changed,
            f"{facts.place}: {outside.sentence}" if outside else quality(watch, standing.envelope),
        ),
        known=compared_with_ledger(facts.differing, facts.before.at if facts.before else None),
        proposed=proposal(components, facts.differing) if outside else "",
        next_step=f"{status}{meant}",
    )


def quality(watch: Watch, envelope: Envelope) -> str:
    """What is known of the quality."""
    if not envelope.answers:
        return "no answer was scored yet"
    points = 100 * envelope.difference
    side = "below" if points < 0 else "above"
    by = f"quality {abs(points):.0f} points {side} the recorded (margin {100 * watch.margin:g})"
    plural = "" if envelope.ticks == 1 else "s"
    over = f"{by} after {envelope.answers} answers in {envelope.ticks} tick{plural}"
    if envelope.verdict is not Verdict.UNDECIDED:
        return f"{envelope.verdict}: {over}"
    more = f"about {envelope.further} more would decide" if envelope.further else "not enough yet"
    return f"{envelope.verdict}: {over}; {more}"


def notice_text(notice: Notice, facts: Facts) -> str:
    """A notice as a person reads it."""
    watch, place = facts.watch, facts.place
    match notice.kind:
        case "changed" | "outside" | "inside" if facts.standing.alarmed:
            return summary(facts).text
        case "gone":
            return f"GONE. {place}: {notice.sentence}"
        case "accepted":
            return f"ACCEPTED. {place}: it was recorded anew; the watch compares with that now"
        case "blind":
            return (
                f"BLIND. {place} is watched, and nothing can be said: {notice.sentence}   "
                f"gameday watch status {watch.name}"
            )
        case "sees":
            return f"SEES AGAIN. {place}: answers can be compared again"
        case _:
            return f"{notice.kind.upper()}. {place}: {notice.sentence}; no longer so"


_FIRING = {"changed": True, "outside": True, "gone": False, "accepted": False}


def notice_document(notice: Notice, facts: Facts) -> dict[str, Any]:
    """A notice as a hook is given it. `notice` is the same whenever it is tried again.

    Where an alarm begins or ends it is an alert, too, in the form that `gameday serve` reads.
    """
    return {
        "type": _type_of(notice),
        "alerts": [_alert(alarm, facts.watch) for alarm in notice.alarms],
        "notice": notice.notice,
        "kind": notice.kind,
        "at": notice.at.isoformat(),
        "target": facts.watch.target,
        "environment": facts.watch.environment,
        "watch": facts.watch.name,
        "summary": notice_text(notice, facts),
        "sentence": notice.sentence,
        "standing": facts.standing.model_dump(mode="json"),
    }


def _type_of(notice: Notice) -> str:
    if notice.kind not in _FIRING or not notice.alarms:
        return f"watch.{notice.kind}"
    return "alert.firing" if _FIRING[notice.kind] else "alert.resolved"


def _alert(alarm: str, watch: Watch) -> dict[str, Any]:
    """alarm: as its notice calls it; begins with what it is about, `changed` or `outside`."""
    about = alarm.partition(" ")[0]
    return {
        "alert": f"{watch.name} {alarm}",
        "labels": {
            "alertname": f"GamedayWatch{about.capitalize()}",
            "alarm": about,
            "target": watch.target,
            "environment": watch.environment,
            "watch": watch.name,
        },
    }


def status_document(facts: Facts, notices: Sequence[Told]) -> dict[str, Any]:
    """All of it for machines."""
    spent = facts.spending
    return {
        "watch": facts.watch.name,
        "word": facts.standing.word,
        "settings": facts.watch.model_dump(mode="json"),
        "standing": facts.standing.model_dump(mode="json"),
        "alarm_from": 1 / facts.watch.detect("changed").alpha_each,
        "summary": summary(facts).text if facts.standing.alarmed else "",
        "a_day": spent.model_dump(mode="json") if spent else None,
        "notices": [
            {**one.notice.model_dump(mode="json"), "told_at": one.told_at, "failure": one.failure}
            for one in notices
        ],
    }


def status_lines(facts: Facts, notices: Sequence[Told]) -> list[str]:
    """All of it for people."""
    watch, standing = facts.watch, facts.standing
    alarm_from = 1 / watch.detect("changed").alpha_each
    head = summary(facts).text if standing.alarmed else standing.word
    evidence = f"evidence {standing.evidence:,.1f} to 1; an alarm from {alarm_from:,.0f} to 1 on"
    lines = [
        f"{watch.name}   {head}",
        f"  changed?    {evidence}: {watch.chance}",
        f"  envelope    {quality(watch, standing.envelope)}",
        f"  ticks       {standing.ticks} compared with this recording; the last one {_when(facts)}",
        *([f"  problem     {standing.problem}"] if standing.problem else []),
        f"  cost        {cost_line(facts.spending)}",
        f"  hook        {hook_line(watch)}",
    ]
    return [*lines, *(_told_line(one) for one in notices[-3:])]


def _when(facts: Facts) -> str:
    at = facts.standing.at
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else "never"


def _told_line(one: Told) -> str:
    told = "told" if one.told_at else f"not told: {one.failure or 'not tried yet'}"
    return f"  notice      {one.notice.at:%Y-%m-%d %H:%M} UTC {one.notice.kind} ({told})"


def cost_line(spent: Spending | None) -> str:
    """What a day costs, at the most and as measured."""
    if spent is None:
        return "not known: the target cannot be read"
    most = (
        "the target names no prices"
        if spent.usd_max is None
        else f"at most ${spent.usd_max:,.2f} a day"
    )
    load = f"{spent.ticks:g} ticks a day, at most {spent.requests_max:,.0f} requests"
    if spent.usd_measured is None:
        return f"{most} ({load}); not measured yet"
    measured = f"${spent.usd_measured:,.4f} a day by the last {spent.measured_over} ticks"
    return f"{measured}; {most} ({load})"


def hook_line(watch: Watch) -> str:
    """Whom it tells."""
    hook = watch.hook
    if hook is None:
        return "none: alarms are only shown here"
    return f"runs {' '.join(hook.command)}" if hook.command else f"posts to {hook.post}"


def gauges(facts: Facts) -> str:
    """The figures in the text format of Prometheus, for a collector that reads files."""
    standing, watch, spent = facts.standing, facts.watch, facts.spending
    labels = f'{{target="{watch.target}",environment="{watch.environment}"}}'
    figures: dict[str, tuple[str, float | None]] = {
        "changed": ("1 while an alarm says that the answers have changed", _flag(standing.changed)),
        "outside": ("1 while an alarm says that the quality is outside", _flag(standing.outside)),
        "evidence": ("so many to one that the answers have changed", standing.evidence),
        "quality": ("mean score over the last round of the suite", standing.quality),
        "quality_difference": ("mean score less the recorded", standing.envelope.difference),
        "blind_ticks": ("ticks in a row that told nothing", standing.blind),
        "cost_usd_a_day": (
            "US dollars a day, by the last ticks",
            spent.usd_measured if spent else None,
        ),
        "last_tick_timestamp_seconds": (
            "when it last asked",
            standing.at.timestamp() if standing.at else None,
        ),
    }
    lines = []
    for name, (about, figure) in figures.items():
        if figure is not None:
            lines += [
                f"# HELP gameday_watch_{name} {about}",
                f"# TYPE gameday_watch_{name} gauge",
                f"gameday_watch_{name}{labels} {float(figure)!r}",
            ]
    return "\n".join(lines) + "\n"


def _flag(alarm: object) -> float:
    return float(alarm is not None)
