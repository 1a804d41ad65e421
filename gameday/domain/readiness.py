"""How ready a system is for each failure that it can be made to have, by what was rehearsed.

A scenario is one kind of fault on one thing of a target. Its readiness is 1 on the day of a drill
that passed and in which it was felt, and half as much with every quarter that goes by without
another; 0 after a drill that failed, until one passes. A drill that came to no end changes nothing:
nobody knows. So does one that was not felt. What was never rehearsed is told by its name.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from gameday.domain.drill import COMPONENT
from gameday.domain.fault import Fault
from gameday.domain.history import CONCLUSIVE, HistoryRow
from gameday.domain.lease import COMPONENT_PORT
from gameday.domain.shift import INPUTS
from gameday.domain.target import Target
from gameday.domain.value import Value
from gameday.domain.verdict import Verdict

HALF_LIFE_DAYS = 91  # a quarter: drills that are due every quarter stay ready
READY_MIN = 0.5

State = Literal["ready", "fading", "failed", "never"]


class Scenario(Value):
    """One kind of fault on one thing: `connection_refused` on `provider/primary`."""

    kind: str
    on: str

    @property
    def words(self) -> str:
        return f"{self.kind} on {self.on}"


class Readiness(Value):
    """How ready a target is for one scenario. last_run: the last that shows it, if any does."""

    scenario: Scenario
    state: State
    score: float = 0.0
    drill: str = ""
    last_run: str | None = None
    last_at: datetime | None = None
    age_days: int | None = None

    @property
    def sentence(self) -> str:
        match self.state:
            case "never":
                return "never rehearsed"
            case "failed":
                return f"{self.drill} failed {self._ago}, and has not passed since"
            case _:
                return f"{self.drill} passed {self._ago}"

    @property
    def _ago(self) -> str:
        days = f"{self.age_days} days ago" if self.age_days else "today"
        return f"{days} (run {self.last_run})"


class Coverage(Value):
    """All scenarios of one environment of a target, and what no drill has ever touched.

    never_places: the things of the target of which no scenario was ever rehearsed. never_kinds: the
    kinds of faults that could be, and were on none of them.
    """

    target: str
    environment: str
    scenarios: tuple[Readiness, ...]
    never_places: tuple[str, ...]
    never_kinds: tuple[str, ...]

    @property
    def rehearsed(self) -> tuple[Readiness, ...]:
        """Those that some drill has shown something of, the least ready first."""
        told = (one for one in self.scenarios if one.state != "never")
        return tuple(sorted(told, key=lambda one: (one.score, one.scenario.words)))

    @property
    def sentence(self) -> str:
        ready = sum(one.state == "ready" for one in self.scenarios)
        return (
            f"ready for {ready} of {len(self.scenarios)} scenarios; {len(self.rehearsed)} were "
            f"ever rehearsed; {len(self.never_places)} things of the target never were"
        )


def find_coverage(
    target: Target,
    environment: str,
    kinds: Mapping[str, type[Fault]],
    rows: Iterable[HistoryRow],
    now: datetime,
) -> Coverage:
    """What the runs there show. kinds: of the faults that are installed, by name."""
    shown = _shown(
        row for row in rows if (row.target, row.environment) == _key(target, environment)
    )
    places, known = places_of(target), scenarios_of(target, kinds)
    # Beside faults, the steps of responses that were rehearsed: a rollback can be unready as well.
    also = [one for one in shown if one.on in places and one not in known]
    scenarios = [_readiness(one, shown.get(one, ()), now) for one in (*known, *also)]
    touched = {one.on for one in shown}
    rehearsed = {one.scenario.kind for one in scenarios if one.state != "never"}
    return Coverage(
        target=target.target,
        environment=environment,
        scenarios=tuple(scenarios),
        never_places=tuple(place for place in places if place not in touched),
        never_kinds=tuple(
            dict.fromkeys(
                one.scenario.kind for one in scenarios if one.scenario.kind not in rehearsed
            )
        ),
    )


def scenarios_of(target: Target, kinds: Mapping[str, type[Fault]]) -> list[Scenario]:
    """Each kind on each thing of the target that it can be on, and that has what it needs there."""
    return [
        Scenario(kind=kind, on=place)
        for place in (*places_of(target), INPUTS)
        for kind, made in kinds.items()
        if not made.misplaced(place) and _reaches(made, place, target)
    ]


def places_of(target: Target) -> list[str]:
    """The things of a target that a drill can touch: providers, tools, verifiers, components."""
    places = [f"{sort}/{name}" for sort, named in target.places.items() for name in named]
    return [*places, *(f"{COMPONENT}{name}" for name in target.components)]


def _reaches(made: type[Fault], place: str, target: Target) -> bool:
    if made.port == COMPONENT_PORT:
        return place.removeprefix(COMPONENT) in target.components
    return made.port in (target.ports_at(place) or {})


def _shown(rows: Iterable[HistoryRow]) -> dict[Scenario, list[HistoryRow]]:
    """The runs that came to an end and in which each was felt, the oldest first."""
    found: dict[Scenario, list[HistoryRow]] = {}
    for row in sorted(rows, key=lambda row: row.started_at):
        for one in row.rehearsed if row.verdict in CONCLUSIVE else ():
            if one.felt:
                found.setdefault(Scenario(kind=one.kind, on=one.on), []).append(row)
    return found


def _readiness(scenario: Scenario, rows: Sequence[HistoryRow], now: datetime) -> Readiness:
    if not rows:
        return Readiness(scenario=scenario, state="never")
    last = rows[-1]
    age = now - last.ended_at
    score = 0.5 ** (age.total_seconds() / 86_400 / HALF_LIFE_DAYS)
    passed = last.verdict is Verdict.PASSED
    fresh: State = "ready" if score >= READY_MIN else "fading"
    return Readiness(
        scenario=scenario,
        state=fresh if passed else "failed",
        score=round(min(score, 1.0), 3) if passed else 0.0,
        drill=last.drill,
        last_run=last.run_id,
        last_at=last.ended_at,
        age_days=max(0, age.days),
    )


def _key(target: Target, environment: str) -> tuple[str, str]:
    return target.target, environment
