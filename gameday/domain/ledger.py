"""The ledger's dated lines: what a system's components stood at; and what has changed between them.

A change lies between two lines at least: the last that still knew the old version and the first
that knew the new one. Who made it is said only where the store or whoever recorded it knows.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from gameday.domain.component import ComponentName, Version
from gameday.domain.inputs import Mix
from gameday.domain.names import Name
from gameday.domain.value import Value

# A run that lost whoever would have written its last line is over after so long.
_WITHOUT_END = timedelta(days=1)
MomentOfDrill = Literal["", "before", "changed", "after"]
Asker = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9 _-]{0,80}$", examples=["record"])]


class Entry(Value):
    """What was read at one moment.

    by: who wrote it, such as `watch`. who, note: who changed something then, and what about it, as
    a deploy pipeline says. run, moment: of a drill's lines, which run, and whether before it, while
    it had changed something itself (then `components` has that alone), or after it.
    unread: why a component could not be read. answered_by: the answers by the model, fingerprint
    and version that they named. inputs: the mix that the system was asked, by who asked.
    """

    target: Name
    environment: Name
    at: datetime
    by: str
    who: str = ""
    note: str = ""
    run: str = ""
    moment: MomentOfDrill = ""
    components: dict[ComponentName, Version] = {}
    unread: dict[ComponentName, str] = {}
    answered_by: dict[str, int] = {}
    inputs: dict[Asker, Mix] = {}

    @property
    def versions(self) -> dict[str, Version]:
        """Of all that it knows: of the components, and of what was asked."""
        known: dict[str, Version] = dict(self.components.items())
        asked = {f"inputs of {asker}": mix.version for asker, mix in self.inputs.items()}
        return known | asked


class Change(Value):
    """One component was another one.

    after, until: the lines between which it changed, the old one's and the new one's. by, at: who
    changed it and when, '' and None where nobody knows. note: what the pipeline said. drill: the
    run that changed it itself, or put it back.
    """

    component: str
    before: Version
    now: Version
    after: datetime
    until: datetime
    by: str = ""
    at: datetime | None = None
    note: str = ""
    drill: str = ""


class Differences(Value):
    """What the ledger knows of a stretch of time.

    since, until: the last line from before it, or else its first; and its last. unchanged: what is
    known at both ends and did not change. unknown: what is not known at both.
    """

    since: datetime
    until: datetime
    changes: tuple[Change, ...] = ()
    unchanged: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def differences(before: Entry, now: Entry) -> tuple[str, ...]:
    """The components that both know and that differ; and whether somebody new answered."""
    known = now.versions
    differing: list[str] = [
        name
        for name, one in before.versions.items()
        if name in known and known[name].digest != one.digest
    ]
    if before.answered_by and not now.answered_by.keys() <= before.answered_by.keys():
        differing.append("model's name or fingerprint")
    return tuple(differing)


def what_changed(entries: Sequence[Entry], since: datetime) -> Differences:
    """All changes from line to line since then, the oldest first.

    entries: also those from before. Raises ValueError for no line at all.
    """
    ordered = sorted(entries, key=lambda entry: entry.at)
    if not ordered:
        raise ValueError("no line of the ledger was given")
    drills, known, changes = _Drills(ordered), dict[str, list[Entry]](), []
    for entry in ordered:
        for name, now in entry.versions.items():
            lines = known.setdefault(name, [])
            if lines and lines[-1].versions[name].digest != now.digest and entry.at > since:
                changes.append(_change(name, lines, entry, drills))
            lines.append(entry)
    changed = {change.component for change in changes}
    at_both = {name for name, (*before, last) in known.items() if before and last.at > since}
    return Differences(
        since=max((entry.at for entry in ordered if entry.at <= since), default=ordered[0].at),
        until=ordered[-1].at,
        changes=tuple(changes),
        unchanged=tuple(name for name in known if name in at_both - changed),
        unknown=tuple(name for name in known if name not in at_both),
    )


def _change(name: str, lines: Sequence[Entry], entry: Entry, drills: "_Drills") -> Change:
    """From what the last of `lines` knew to what `entry` knows."""
    last, now = lines[-1], entry.versions[name]
    change = Change(
        component=name, before=last.versions[name], now=now, after=last.at, until=entry.at
    )
    if drill := drills.that_set(name, entry) or drills.that_put_back(name, lines, entry):
        # Whatever a store says of a version that a drill put there is of the drill.
        return change.model_copy(update={"drill": drill})
    told = {"by": now.by or entry.who, "at": now.changed_at, "note": entry.note}
    return change.model_copy(update=told)


class _Drills:
    """What drills themselves made of components, and while which run."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._made: dict[tuple[str, str], set[str]] = {}  # run and component: digests
        self._spans: dict[str, tuple[datetime, datetime]] = {}
        for entry in entries:
            if not entry.run:
                continue
            began, _ = self._spans.get(entry.run, (entry.at, entry.at))
            ended = entry.at if entry.moment == "after" else entry.at + _WITHOUT_END
            self._spans[entry.run] = (began, ended)
            if entry.moment == "changed":
                for name, version in entry.versions.items():
                    self._made.setdefault((entry.run, name), set()).add(version.digest)

    def that_set(self, name: str, entry: Entry) -> str:
        """The run that made the component what this line knows; '' for none.

        The line may be anybody's that looked while the run went on.
        """
        digest = entry.versions[name].digest
        for (run, component), made in self._made.items():
            if component == name and digest in made and self._goes_on(run, entry.at):
                return run
        return ""

    def that_put_back(self, name: str, lines: Sequence[Entry], entry: Entry) -> str:
        """The run that put back what was there before it; '' where it is something else now."""
        run = self.that_set(name, lines[-1])
        if not run:
            return ""
        own = (line.versions[name].digest for line in reversed(lines))
        made = self._made[run, name]
        before = next((digest for digest in own if digest not in made), "")
        return run if before == entry.versions[name].digest else ""

    def _goes_on(self, run: str, at: datetime) -> bool:
        began, ended = self._spans[run]
        return began <= at <= ended
