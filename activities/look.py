"""One tick of a watch: asks a few questions, and says what follows. Nothing is changed by it."""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from activities.connections import resolve_front_door_secrets
from activities.fingerprints import read_components
from gameday.catalog.files import load_target
from gameday.catalog.suite_files import load_suite, suite_digest
from gameday.domain.drill import Load
from gameday.domain.errors import GamedayError, RefusedError
from gameday.domain.quantities import plain
from gameday.domain.reference import Reference, answered_by
from gameday.domain.rotation import part_of, probes_of
from gameday.domain.samples import Samples
from gameday.domain.standing import Compared, Standing, advanced, blinded
from gameday.domain.suite import Suite
from gameday.domain.target import Target
from gameday.domain.tick import Heard, Tick
from gameday.domain.watch import Watch
from gameday.probes.asking_all import ask_all
from gameday.probes.load_spec import LoadSpec
from gameday.store.references import References
from gameday.store.watches import Advance, Watches


@dataclass(frozen=True)
class Watched:
    """What a watch looks at, read anew at every tick: files change, and recordings too."""

    target: Target
    suite: Suite
    suite_file: Path
    reference: Reference

    @classmethod
    def read(cls, watch: Watch, references: References) -> "Watched":
        """Raises GamedayError where there is nothing to ask, or to compare with."""
        file = Path(watch.target_file)
        target = load_target(file)
        if watch.environment not in target.environments:
            raise RefusedError(f"{file} has no environment {watch.environment}")
        suite_file = (file.parent / target.suite).resolve()
        suite = load_suite(suite_file)
        reference = references.last(watch.target, watch.environment, suite.suite)
        if reference is None:
            raise RefusedError(
                f"how {watch.target}/{watch.environment} answers the suite {suite.suite} was "
                "never recorded, so there is nothing to compare with",
                next_step="gameday record",
            )
        if why := reference.why_not(suite_digest(suite_file), datetime.now(UTC)):
            raise RefusedError(why, next_step="gameday record")
        return cls(target, suite, suite_file, reference)

    def probes(self, watch: Watch) -> tuple[str, ...]:
        """The cases that are asked at every tick."""
        recorded = self.reference.cases
        groups = {name: one.group for name, one in recorded.items() if one.sketches}
        return probes_of(groups, watch.probes)

    def part(self, watch: Watch, tick: int) -> tuple[str, ...]:
        """The cases of the rotating part that this tick asks."""
        return part_of(self.cases, watch.part, tick, self.reference.digest)

    @property
    def cases(self) -> tuple[str, ...]:
        """Those of the suite that were recorded."""
        return tuple(self.reference.cases)


async def look(state: Path, watch: Watch, tick: str) -> Standing:
    """Make one tick, unless it was made already. Raises StartError when it cannot be kept.

    tick: its id. A system that cannot be asked, or compared, is what the tick then says.
    """
    watches = Watches(state)
    if watches.has(watch.name, tick):
        return watches.standing(watch.name)
    try:
        watched = Watched.read(watch, References(state))
    except GamedayError as error:
        made = Tick(tick=tick, at=datetime.now(UTC), problem=error.sentence)
        return watches.keep(watch, made, _follows(made, None))
    made = await _ask(watch, watched, tick, watches.standing(watch.name))
    compared = Compared(watch, watched.reference.before(), len(watched.cases))
    # In a thread: a long watch takes a second to work out, and beats must go on.
    return await asyncio.to_thread(watches.keep, watch, made, _follows(made, compared))


def _follows(tick: Tick, compared: Compared | None) -> Advance:
    """What follows from the tick."""
    if compared is None or not tick.compares:
        return lambda standing, _ticks: blinded(standing, tick)
    return lambda standing, ticks: advanced(standing, ticks, compared)


async def _ask(watch: Watch, watched: Watched, tick: str, standing: Standing) -> Tick:
    reference = watched.reference.digest
    number = standing.ticks if standing.reference == reference else 0
    rotating = frozenset(watched.part(watch, number))
    asked = tuple({*watched.probes(watch), *rotating})
    read, unread = await read_components(Path(watch.target_file))
    told = Tick(
        tick=tick,
        at=datetime.now(UTC),
        reference=reference,
        components=read,
        unread=unread,
    )
    try:
        samples = await _answers(watch, watched, asked)
    except GamedayError as error:
        return told.model_copy(update={"problem": f"it could not be asked: {error.sentence}"})
    return told.model_copy(
        update={
            "problem": _why_nothing(samples),
            "heard": tuple(Heard.of(one, rotating=one.case in rotating) for one in samples.rated),
            "cost_usd": sum(samples.numbers("cost_usd")),
            "answered_by": answered_by(samples),
        }
    )


async def _answers(watch: Watch, watched: Watched, cases: tuple[str, ...]) -> Samples:
    target, turns = watched.target, {one.case: len(one.asked) for one in watched.suite.cases}
    spec = LoadSpec(
        url=target.environments[watch.environment].front_door,
        front_door=target.front_door,
        synthetic=target.synthetic,
        evidence=target.evidence,
        load=Load.model_validate({"rate": f"{plain(watch.rate)}/s", "suite": watched.suite.suite}),
        suite_file=str(watched.suite_file),
        cases=cases,
        prices=target.prices,
        sketch_pieces=watched.reference.pieces,
        requests_max=sum(turns[case] for case in cases),
        seed=secrets.randbelow(2**31),
        run_folder="",
    )
    found = resolve_front_door_secrets(target.front_door, target.synthetic)
    return (await ask_all(spec, found, _say_nothing)).stayed


def _why_nothing(samples: Samples) -> str:
    """Where nobody got an answer: the system is down, and that is not a change of its answers."""
    if samples.good:
        return ""
    how = ", ".join(f"{count} {outcome}" for outcome, count in samples.tally("outcome").items())
    return f"it could not be asked: none of {len(samples)} requests got an answer ({how})"


def _say_nothing(_ended: int) -> None:
    """A tick is short."""
