"""`gameday record`: how the system answers now, kept to compare later answers with."""

import asyncio
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from activities.connections import resolve_front_door_secrets
from activities.fingerprints import read_components
from gameday.catalog.suite_files import suite_digest
from gameday.cli.asking import Asked, rate_of
from gameday.cli.options import (
    DEFAULT_RUNS,
    DEFAULT_STATE,
    DEFAULT_TARGET,
    AsJson,
    EnvironmentName,
    Lab,
    RunsFolder,
    StateFolder,
    TargetFile,
    Who,
    me,
)
from gameday.cli.session import target_file
from gameday.domain.detection import Detect, Detection, Detector
from gameday.domain.errors import GamedayError, RefusedError
from gameday.domain.inputs import Mix, mix_of_suite
from gameday.domain.ledger import Entry
from gameday.domain.quantities import plain
from gameday.domain.reference import About, Reference
from gameday.domain.samples import Samples
from gameday.probes.asking_all import ask_all
from gameday.store.ledger import Ledger
from gameday.store.references import References

_FAILURES_MAX = 0.05  # of the requests; a system that fails more often is not as it should be
# An old recording is compared with a tolerance: real endpoints are never quite still.
_AS_BEFORE = Detect(tolerance=0.05, by=("changed", "envelope"))


@dataclass(frozen=True)
class _Wish:
    """What is to be recorded, and how."""

    asked: Asked
    per_case: int
    days: int
    who: str

    @property
    def requests(self) -> int:
        return self.per_case * sum(self.asked.turns)


def record(
    target: TargetFile = DEFAULT_TARGET,
    environment: EnvironmentName = None,
    per_case: Annotated[
        int, typer.Option(min=4, max=1000, help="How often each case of the suite is asked.")
    ] = 40,
    suite: Annotated[
        Path | None, typer.Option(help="A suite's file; the target's unless said.")
    ] = None,
    rate: Annotated[str, typer.Option(help="Requests a second or a minute.")] = "5/s",
    days: Annotated[int, typer.Option(min=1, max=366, help="How long it is good for.")] = 30,
    accept: Annotated[
        bool, typer.Option("--accept", help="Record anew although the answers have changed.")
    ] = False,
    because: Annotated[str, typer.Option(help="Why the change is accepted, for the record.")] = "",
    lab: Lab = False,
    who: Who = None,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Record how the system answers its suite, to compare later answers with. Breaks nothing.

    Keeps a sketch and a score of each answer, and no text. Where there is a recording already, the
    answers must still be like it, or the change must be accepted.

    Example:  gameday record --per-case 40 --rate 5/s
    """
    with target_file(target, state, runs, lab=lab) as file:
        asked = Asked.read(file, environment, suite, rate_of(rate))
        wish = _Wish(asked, per_case, days, who or me())
        document = asyncio.run(
            _record(wish, References(state), Ledger(state), accept=accept, because=because)
        )
    print(json.dumps(document, indent=2) if as_json else _lines(document))


async def _record(
    wish: _Wish, references: References, ledger: Ledger, *, accept: bool, because: str
) -> dict[str, Any]:
    about = await _about(wish)
    last = None if accept else references.last(about.target, about.environment, about.suite)
    samples = await _ask(wish)
    _require_answers(samples)
    compared = _compared(last, about, samples)
    replaced = _digest_of_last(references, about)
    own = {"because": because or compared, "replaces": replaced}
    reference = Reference.of(samples, about.model_copy(update=own))
    file = references.keep(reference)
    asked = mix_of_suite(wish.asked.suite, samples.tally("case"))
    ledger.add(_entry(reference, asked), f"record {reference.digest}")
    cost_usd = sum(samples.numbers("cost_usd"))
    return {"file": str(file), "cost_usd": round(cost_usd, 6), **_document(reference)}


def _entry(reference: Reference, asked: Mix | None) -> Entry:
    about = reference.about
    return Entry(
        target=about.target,
        environment=about.environment,
        at=about.recorded_at,
        by="record",
        components=about.components,
        unread=about.unread,
        answered_by=reference.answered_by,
        inputs={f"record {about.suite}": asked} if asked else {},
    )


def _digest_of_last(references: References, about: About) -> str:
    """The digest of the one that is replaced; '' where none is, or none that can be read."""
    try:
        last = references.last(about.target, about.environment, about.suite)
    except GamedayError:
        return ""
    return last.digest if last else ""


async def _about(wish: _Wish) -> About:
    now = datetime.now(UTC)
    components, unread = await read_components(wish.asked.file)
    return About(
        target=wish.asked.target.target,
        environment=wish.asked.environment,
        suite=wish.asked.suite.suite,
        suite_digest=suite_digest(wish.asked.suite_file),
        recorded_at=now,
        expires_at=now + timedelta(days=wish.days),
        recorded_by=wish.who,
        components=components,
        unread=unread,
    )


async def _ask(wish: _Wish) -> Samples:
    asked, minutes = wish.asked, wish.requests / wish.asked.rate_per_s / 60
    _say(
        f"asking {len(asked.turns)} cases {wish.per_case} times each: {wish.requests:,} "
        f"requests, about {minutes:.0f} min at {plain(asked.rate_per_s)}/s; Ctrl-C keeps nothing"
    )
    found = resolve_front_door_secrets(asked.target.front_door, asked.target.synthetic)
    return await ask_all(asked.load(wish.requests), found, _Progress(wish.requests))


class _Progress:
    """Says how far it is, at every tenth."""

    def __init__(self, requests: int) -> None:
        self._requests = requests
        self._tenths = 0

    def __call__(self, ended: int) -> None:
        tenths = 10 * ended // self._requests
        if tenths > self._tenths:
            self._tenths = tenths
            _say(f"  {ended:,} of {self._requests:,}")


def _require_answers(samples: Samples) -> None:
    failed = len(samples) - len(samples.good)
    if not samples or failed > _FAILURES_MAX * len(samples):
        raise RefusedError(
            f"{failed} of {len(samples)} requests got no whole answer: a system in that state is "
            "no reference; nothing was kept",
            next_step="gameday doctor",
        )


def _compared(last: Reference | None, about: About, samples: Samples) -> str:
    """Why the last recording may be replaced. Raises RefusedError where the answers changed."""
    if last is None:
        return ""
    if why := last.why_not(about.suite_digest, about.recorded_at):
        return why
    found = Detector(last.before(), _AS_BEFORE).see(samples)
    if found is not None:
        raise _have_changed(last, found)
    return f"the answers were like those of {last.about.recorded_at:%Y-%m-%d %H:%M} UTC"


def _have_changed(last: Reference, found: Detection) -> RefusedError:
    return RefusedError(
        f"since the recording of {last.about.recorded_at:%Y-%m-%d %H:%M} UTC something has "
        f"changed: {found.sentence}; nothing was kept",
        next_step="find out what; if it is meant:  gameday record --accept --because '...'",
    )


def _document(reference: Reference) -> dict[str, Any]:
    return {
        **reference.about.model_dump(mode="json"),
        "digest": reference.digest,
        "cases": len(reference.cases),
        "answers": reference.answers,
        "kept": sum(case.kept for case in reference.cases.values()),
        "reserve": sum(case.reserve for case in reference.cases.values()),
        "failures": reference.failures,
        "answered_by": reference.answered_by,
    }


def _lines(document: dict[str, Any]) -> str:
    by = ", ".join(f"{name} ({count:,})" for name, count in document["answered_by"].items())
    stood = {name: one["label"] for name, one in document["components"].items()}
    where = f"{document['suite']} at {document['target']}/{document['environment']}"
    compares = f"{document['kept']:,} known, {document['reserve']:,} in reserve"
    lines = [
        f"recorded {document['answers']:,} answers to {document['cases']} cases of {where}",
        f"  answered by   {by}",
        *(f"  {name:<13} {label}" for name, label in stood.items()),
        *(f"  {name:<13} not read: {why}" for name, why in document["unread"].items()),
        f"  to compare    {compares}, until {document['expires_at'][:10]}",
        f"  cost          ${document['cost_usd']:.4f}",
        f"  digest        {document['digest'][:12]}   {document['file']}",
    ]
    if document["because"]:
        lines.append(f"  because       {document['because']}")
    return "\n".join(lines)


def _say(line: str) -> None:
    """Progress is not the result."""
    print(line, file=sys.stderr, flush=True)
