"""What the review of any run is made with: what is known around it, layer by layer."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gameday.domain.alerts import AlertState, Sighting
from gameday.domain.finding import Finding
from gameday.domain.layer import LAYERS, Layer, layer_of
from gameday.domain.ledger import Change, Differences, Entry, what_changed
from gameday.domain.review import Known, Noted
from gameday.reporting import wording as say
from gameday.reporting.inert import inert_line

LOOK_BACK = timedelta(days=1)
_WATCHED = frozenset({AlertState.FIRING, AlertState.SUPPRESSED, AlertState.GONE})


@dataclass(frozen=True)
class Around:
    """What is known from around a run: the ledger's lines, the alerts seen, the actions.

    since: from when on changes are looked for; None: a day before the run began.
    """

    entries: Sequence[Entry] = ()
    sightings: Sequence[Sighting] = ()
    actions: tuple[Finding, ...] = ()
    since: datetime | None = None

    def changed(self, began_at: datetime, ended_at: datetime) -> Differences:
        """What changed from then to the run's end; of no line at all, that nothing is known."""
        since = self.since or began_at - LOOK_BACK
        lines = [entry for entry in self.entries if entry.at <= ended_at + timedelta(seconds=60)]
        return what_changed(lines, since) if lines else Differences(since=since, until=ended_at)


def in_order(timeline: Iterable[Noted]) -> tuple[Noted, ...]:
    return tuple(sorted(timeline, key=lambda noted: noted.at))


def known_layers(found: Differences) -> tuple[Known, ...]:
    """Of each layer in turn: what changed, what is as before, or that nobody knows."""
    return tuple(_known(layer, found) for layer in LAYERS)


def changes_noted(found: Differences, own: str) -> Iterator[Noted]:
    """The ledger's changes; without those that the run itself made and put back again."""
    for change in found.changes:
        if change.drill != own:
            yield Noted(
                at=change.at or change.until,
                layer=layer_of(change.component.split()[0]),
                by=f"the drill {change.drill}" if change.drill else change.by,
                what=change_words(change),
            )


def change_words(change: Change) -> str:
    """`prompt changed: support-v3 to support-v4, between 09:00:00.000 and 09:10:00.000`."""
    between = f"between {say.clock_time(change.after)} and {say.clock_time(change.until)}"
    note = f" ({change.note})" if change.note else ""
    return inert_line(
        f"{change.component} changed: {change.before.label} to {change.now.label}, {between}{note}"
    )


def _known(layer: Layer, found: Differences) -> Known:
    own = [one for one in found.changes if layer_of(one.component.split()[0]) == layer]
    by_drills = sorted({one.drill for one in own if one.drill})
    said = [f"{change_words(one)}, by {_whom(one)}" for one in own if not one.drill]
    if by_drills:
        said.append(f"changed by drills, and put back as far as is known: {', '.join(by_drills)}")
    if own:
        left = _left_changed(own)
        return Known(
            layer=layer, state="changed" if left else "as before", sentence="; ".join(said)
        )
    same = [name for name in found.unchanged if layer_of(name.split()[0]) == layer]
    if same:
        said = [f"{', '.join(same)}: the same at the last look as at the first"]
        return Known(layer=layer, state="as before", sentence=said[0])
    return Known(
        layer=layer,
        state="not known",
        sentence="the ledger has nothing of it from both before and after",
    )


def _left_changed(changes: Sequence[Change]) -> bool:
    """Whether somebody else than a drill changed any, or it stands at another version now."""
    ends: dict[str, tuple[str, str]] = {}
    for one in changes:
        first, _ = ends.get(one.component, (one.before.digest, ""))
        ends[one.component] = (first, one.now.digest)
    return any(not one.drill for one in changes) or any(a != b for a, b in ends.values())


def _whom(change: Change) -> str:
    return change.by or "nobody knows whom"
