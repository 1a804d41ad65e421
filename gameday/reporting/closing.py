"""Brings together what the three authors wrote, and closes runs that lost their own author."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from gameday.domain.errors import InjectorError
from gameday.domain.lease import FaultRecord, FaultState
from gameday.domain.record import Event, Moment, RunRecord, RunRequest
from gameday.domain.result import Result
from gameday.evidence.key import Keys
from gameday.injector.client import InjectorClient
from gameday.probes.served_log import fetch_served_logs
from gameday.reporting.write import write_reports
from gameday.store.history import History
from gameday.store.redaction import Redactor
from gameday.store.run_folder import RunFolder

_LEASE_MARGIN_S = 5.0


async def gather(folder: RunFolder, record: RunRecord, injector: InjectorClient) -> RunRecord:
    """Store the injector's segment and the providers' logs; return the record with what they add.

    An injector that does not answer leaves the run dirty, unless it has said before that every
    fault is cleared: nobody else may speak for it. Logs that cannot be read are noted; checks
    that need them say that they do not know.
    """
    redactor = Redactor(record.request.target.evidence.redact)
    record = await _gather_calls(folder, _redacted(record, redactor), injector)
    served, unread = await fetch_served_logs(record.request.target, record.started_at)
    for provider, entries in served.items():
        folder.write_served_log(provider, entries)
    if unread:
        record = noted(record, "served_log_unread", unread)
    try:
        events = await injector.journal(record.request.run_id)
        folder.write_events("injector", [_told(event, redactor) for event in events])
        faults = await injector.faults(record.request.run_id)
    except InjectorError as error:
        record = noted(record, "injector_unread", {"reason": error.sentence})
        held = (*record.faults, *record.steps)
        known = held and all(one.state is FaultState.CLEARED for one in held)
        changed = record.inject or record.respond
        if changed is None or known or record.dirty:
            return record
        return record.model_copy(update={"dirty": f"what is left is not known: {error.sentence}"})
    return _with_faults(record, [_held(fault, redactor) for fault in faults])


def _redacted(record: RunRecord, redactor: Redactor) -> RunRecord:
    """Its sentences may have in them what a component or the front door said."""
    said = {"refused": record.refused, "dirty": record.dirty, "invalid": record.invalid}
    events = tuple(_told(event, redactor) for event in record.events)
    return record.model_copy(update={**redactor.document(said), "events": events})


def _told(event: Event, redactor: Redactor) -> Event:
    return event.model_copy(update={"facts": redactor.document(event.facts)})


def _held(fault: FaultRecord, redactor: Redactor) -> FaultRecord:
    told = {"evidence": fault.evidence, "cleared_because": fault.cleared_because}
    return fault.model_copy(update=redactor.document(told))


async def _gather_calls(
    folder: RunFolder, record: RunRecord, injector: InjectorClient
) -> RunRecord:
    """Store what the gates saw of the calls, then end the watch.

    The log goes with the watch, so a repetition keeps what was stored before.
    """
    gates = record.request.target.gates
    if gates.keys() <= folder.read_calls().keys():
        return record
    run_id = record.request.run_id
    try:
        traffic = (await injector.watched(run_id)).traffic
        counted = sum(
            one.marked + one.unmarked for name, one in traffic.items() if name in gates.values()
        )
        every = await injector.calls(run_id)
    except InjectorError as error:
        return noted(record, "calls_unread", {"reason": error.sentence})
    calls = [call for call in every if call.provider in gates.values()]
    if len(calls) < counted:  # half a log would make a storm look like a breeze
        reason = f"the gates counted {counted:,} calls, and their logs have room for {len(calls):,}"
        return noted(record, "calls_unread", {"reason": reason})
    for provider, listener in gates.items():
        own = (call for call in calls if call.provider == listener)
        renamed = [call.model_copy(update={"provider": provider}) for call in own]
        folder.write_calls(provider, renamed)
    try:
        await injector.unwatch(run_id)
    except InjectorError as error:  # nothing is lost: it ends by itself when nobody asks
        return noted(record, "watch_not_ended", {"reason": error.sentence})
    return record


def closed_by_another(folder: RunFolder) -> RunRecord | None:
    """The record, when somebody has closed the run in its workflow's place.

    A closed run stays closed: its workflow may come back to life, and must not say otherwise.
    """
    if not folder.record_file.exists():
        return None
    record = folder.read_record()
    return record if record.closed_by not in ("", "workflow") else None


async def wait_until_cleared(injector: InjectorClient, request: RunRequest) -> None:
    """Wait while a fault of the run is in force: its lease is about to end it.

    At the longest a lease and a little more; an injector that does not answer is not waited for.
    """
    give_up = time.monotonic() + request.plan.lease_s + _LEASE_MARGIN_S
    while time.monotonic() < give_up:
        try:
            faults = await injector.faults(request.run_id)
        except InjectorError:
            return
        if all(fault.state is FaultState.CLEARED for fault in faults):
            return
        await asyncio.sleep(0.3)


async def close_run(
    folder: RunFolder,
    injector: InjectorClient,
    *,
    by: str,
    reason: str,
    keys: Keys | None = None,
    history: History | None = None,
) -> Result:
    """Close a run whose workflow is gone. Returns the result; it is never `passed`.

    Repeatable: a run that has a result already is not closed again.
    """
    if folder.result_file.exists():
        return folder.read_result()
    record = folder.read_record()
    record = record.model_copy(
        update={
            "closed_by": by,
            "ended_at": datetime.now(UTC),
            "invalid": record.invalid or reason,
        }
    )
    record = _with_moments(await gather(folder, record, injector))
    folder.write_record(record)
    samples = folder.read_samples()
    return await asyncio.to_thread(
        write_reports, folder, record, samples, keys=keys, history=history
    )


def _with_faults(record: RunRecord, faults: Sequence[FaultRecord]) -> RunRecord:
    """The injector's word on each fault and step: it alone knows when one was cleared, by whom."""
    if not faults:
        return record
    return record.model_copy(
        update={
            "faults": tuple(one for one in faults if not one.step),
            "steps": tuple(one for one in faults if one.step),
        }
    )


def _with_moments(record: RunRecord) -> RunRecord:
    """What the injector saw done and undone, where the workflow did not live to tell."""
    changes = {
        "inject": record.inject or _done(record.faults),
        "respond": record.respond or _done(record.steps),
    }
    cleared = [one.cleared_at for one in (*record.faults, *record.steps) if one.cleared_at]
    if cleared and record.restore is None:
        changes["restore"] = Moment(requested_at=min(cleared), confirmed_at=max(cleared))
    return record.model_copy(update=changes)


def _done(held: Sequence[FaultRecord]) -> Moment | None:
    """From when the first was asked for to when the last was confirmed; None without any."""
    armed = [one.armed_at for one in held if one.armed_at]
    if not armed:
        return None
    confirm = timedelta(milliseconds=max(one.confirm_ms or 0.0 for one in held))
    return Moment(requested_at=min(armed) - confirm, confirmed_at=max(armed))


def noted(record: RunRecord, what: str, facts: dict[str, str]) -> RunRecord:
    """The record with one more line of its workflow's journal."""
    event = Event(
        author="workflow",
        seq=len(record.events),
        at=datetime.now(UTC),
        what=what,
        facts=dict(facts),
    )
    return record.model_copy(update={"events": (*record.events, event)})
