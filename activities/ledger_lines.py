"""A drill's lines in the ledger: before it, what it changed itself, and after it.

The lines never decide anything: where they cannot be written, that is said, and the drill goes on.
"""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from activities.fingerprints import read_components
from gameday.catalog.suite_files import load_suite
from gameday.domain.component import ComponentName, Version
from gameday.domain.errors import GamedayError
from gameday.domain.inputs import Mix, mix_of_suite
from gameday.domain.lease import FaultRecord
from gameday.domain.ledger import Entry, MomentOfDrill
from gameday.domain.record import RunRecord, RunRequest
from gameday.domain.samples import Samples
from gameday.domain.shift import INPUTS
from gameday.domain.suite import Suite
from gameday.store.ledger import Ledger
from gameday.store.run_folder import RunFolder

_READ_S_MAX = 15.0  # of a corpus that nobody has looked at before, the first look takes longer


async def write_before(ledger: Ledger, request: RunRequest) -> str:
    """Write down what the components stand at; what came of it, in a sentence."""
    if not request.target.components:
        return "the target declares no components"
    read, unread = await read_now(request)
    try:
        # In a thread: the ledger waits for whoever else writes in it.
        await asyncio.to_thread(_add, ledger, _entry(request, "before", read, unread))
    except GamedayError as error:
        return f"nothing is in the ledger: {error.sentence}"
    also = f"; not read: {'; '.join(f'{n}: {why}' for n, why in unread.items())}" if unread else ""
    return f"{len(read)} components are in the ledger as they are now{also}"


async def write_after(ledger: Ledger, record: RunRecord) -> str:
    """Write down what the drill had changed, and what is there now; why not, or ''.

    Repeatable: each line is written once.
    """
    request = record.request
    try:
        read, unread = await read_now(request) if request.target.components else ({}, {})
        shifted, asked = await asyncio.to_thread(_asked, record)
        changed = [*_changed(record), *shifted]
        lines = [*changed, _entry(request, "after", read, unread, asked)]
        for line in lines:
            if line.components or line.unread or line.inputs:
                await asyncio.to_thread(_add, ledger, line)
    except GamedayError as error:
        return error.sentence
    return ""


async def read_now(
    request: RunRequest,
) -> tuple[dict[ComponentName, Version], dict[ComponentName, str]]:
    """What the components stand at, in time for a drill that waits; why some cannot be read."""
    declared = request.target.components
    if not request.target_file:
        return {}, dict.fromkeys(declared, "nobody said where the target file is")
    try:
        async with asyncio.timeout(_READ_S_MAX):
            return await read_components(Path(request.target_file))
    except TimeoutError:
        late = f"not read within {_READ_S_MAX:g} s; a first look by  gameday ledger record  helps"
        return {}, dict.fromkeys(declared, late)
    except GamedayError as error:
        return {}, dict.fromkeys(declared, error.sentence)


def _asked(record: RunRecord) -> tuple[list[Entry], dict[str, Mix]]:
    """Lines of what a drill asked that shifted its own inputs, and the mix that it asked else.

    Raises FileError.
    """
    request, inject, restore = record.request, record.inject, record.restore
    every = RunFolder(request.folder).read_samples()
    suite = load_suite(Path(request.suite_file))
    held = next((one for one in record.faults if one.on == INPUTS), None)
    if held is None or held.armed_at is None or inject is None or restore is None:
        return [], _mix(request, suite, every)
    before = _mix(request, suite, every.before("finished_at", inject.requested_at))
    rest = every.since("intended_at", restore.confirmed_at)
    during = _mix(request, suite, every.since("intended_at", held.armed_at) - rest)
    lines: list[tuple[MomentOfDrill, datetime, str, dict[str, Mix]]] = [
        ("before", inject.requested_at, "what it asked before", before),
        ("changed", held.armed_at, f"{held.kind} on {held.on}", during),
    ]
    made = [
        _entry(request, moment, {}, {}, mix).model_copy(update={"at": at, "note": note})
        for moment, at, note, mix in lines
    ]
    return made, _as_before(_mix(request, suite, rest), before)


def _as_before(now: dict[str, Mix], before: dict[str, Mix]) -> dict[str, Mix]:
    """A mix that is surely no other than the one of before is called that one."""
    same = (name for name, mix in now.items() if name in before and not mix.moved(before[name]))
    return now | {name: before[name] for name in same}


def _mix(request: RunRequest, suite: Suite, samples: Samples) -> dict[str, Mix]:
    mix = mix_of_suite(suite, samples.tally("case"))
    return {f"drill {request.drill.drill}": mix} if mix else {}


def _changed(record: RunRecord) -> list[Entry]:
    """One line for each fault and step that changed a component, of when it had."""
    named: dict[str, ComponentName] = {
        f"component/{name}": name for name in get_args(ComponentName)
    }
    lines = []
    for held in (*record.faults, *record.steps):
        version = _version_while(held)
        if version is None or held.armed_at is None or held.on not in named:
            continue
        line = _entry(record.request, "changed", {named[held.on]: version}, {})
        what = {"at": held.armed_at, "note": f"{held.kind} on {held.on}"}
        lines.append(line.model_copy(update=what))
    return lines


def _version_while(held: FaultRecord) -> Version | None:
    """What a component stood at while it was changed; None where it was not, or nobody read it."""
    told: Any = held.evidence.get("version_while") or held.evidence.get("version_at_clear")
    try:
        version = Version.model_validate(told)
        before = Version.model_validate(held.evidence.get("version_at_arm"))
    except ValidationError:
        return None
    return None if version.digest == before.digest else version


def _entry(
    request: RunRequest,
    moment: MomentOfDrill,
    read: dict[ComponentName, Version],
    unread: dict[ComponentName, str],
    inputs: dict[str, Mix] | None = None,
) -> Entry:
    return Entry(
        target=request.target.target,
        environment=request.environment,
        at=datetime.now(UTC),
        by="drill",
        note=request.drill.drill,
        run=request.run_id,
        moment=moment,
        components=read,
        unread=unread,
        inputs=inputs or {},
    )


def _add(ledger: Ledger, line: Entry) -> None:
    ledger.add(line, f"drill {line.run} {line.moment} {line.note}")
