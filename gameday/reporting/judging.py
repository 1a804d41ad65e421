"""Judges a stored run: was the fault felt, did the checks hold, can the samples be believed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from gameday.catalog.kinds import checks, faults
from gameday.domain.alerts import Sighting
from gameday.domain.check import Check, Finding, Seen, unknown
from gameday.domain.drill import CheckSpec, FaultSpec, Until
from gameday.domain.errors import GamedayError
from gameday.domain.fault import Fault, Felt
from gameday.domain.gate import Call
from gameday.domain.lease import FaultRecord
from gameday.domain.plan import GOOD_IN_A_ROW
from gameday.domain.reading import Reading
from gameday.domain.record import Restore, RunRecord, ServedEntry, faulted_providers, name_of
from gameday.domain.reference import Reference
from gameday.domain.result import ResponseResult, RestoreResult
from gameday.domain.rise import Rise, judge_rise
from gameday.domain.rollback import Response, called_at, read_rollback
from gameday.domain.sample import Sample
from gameday.domain.samples import Samples
from gameday.domain.validity import Validity, find_validity_between
from gameday.domain.verdict import Decision, Held, Judgement, decide
from gameday.domain.vitals import Vital
from gameday.domain.window import Window, cut_windows
from gameday.reporting.clock import read_response, read_restore
from gameday.reporting.control import against_control
from gameday.reporting.peak import cut_at_peak
from gameday.reporting.responding import stated_response, stated_result
from gameday.reporting.validity import (
    Watched,
    find_validities,
    tightest_ms,
    why_dirty,
    why_invalid,
    why_stopped,
)
from gameday.store.run_folder import RunFolder


@dataclass(frozen=True)
class Logs:
    """What others than the system have written of its calls, by provider; silent ones are missing.

    served: the providers' own logs. calls: what the gates before them saw. readings and sightings:
    what other systems measured, and what alerts did. vitals: what the load's own processes spent.
    reference: what was recorded on an earlier day, of a run that compares with it.
    """

    served: Mapping[str, tuple[ServedEntry, ...]] = field(default_factory=dict)
    calls: Mapping[str, tuple[Call, ...]] = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    vitals: tuple[Vital, ...] = ()
    reference: Reference | None = None

    @classmethod
    def read(cls, folder: RunFolder) -> "Logs":
        return cls(
            served=folder.read_served_log(),
            calls=folder.read_calls(),
            readings=folder.read_readings(),
            sightings=folder.read_sightings(),
            vitals=folder.read_vitals(),
            reference=folder.read_reference(),
        )


def by_objective(readings: Iterable[Reading]) -> dict[tuple[str, str], dict[str, Reading]]:
    """The readings by objective and window, then by part."""
    found: dict[tuple[str, str], dict[str, Reading]] = {}
    for reading in readings:
        found.setdefault((reading.slo, reading.window), {})[reading.part] = reading
    return found


@dataclass(frozen=True)
class FeltFault:
    """One fault and whether the system under test felt it."""

    record: FaultRecord
    provider: str
    evidence: str  # what the fault's proof consists of
    legend: str
    felt: Felt


@dataclass(frozen=True)
class Judged:
    """All that can be said of a run."""

    windows: Mapping[str, Window]
    control: Mapping[str, Window]  # the same stretches of the control group; empty without one
    at_fault: Samples  # that may have met the fault: of its window, and of the way into it
    faults: tuple[FeltFault, ...]
    rise: Rise | None  # of a run that breaks nothing
    judgements: tuple[Judgement, ...]
    response: ResponseResult
    stated: Response | None  # the response that the drill states
    restore: RestoreResult
    decision: Decision
    ended_at: datetime
    good_in_a_row: int
    validities: Mapping[str, Validity]  # of the load's own processes, by window
    validity: Validity  # and of the whole load


@dataclass(frozen=True)
class Makers:
    """Where faults and checks come from."""

    fault: Callable[[FaultSpec], Fault] = faults.make
    check: Callable[[CheckSpec], Check] = checks.make


INSTALLED = Makers()


def judge_run(
    record: RunRecord,
    recorded: Sequence[Sample],
    logs: Logs,
    makers: Makers = INSTALLED,
) -> Judged:
    """Judge a run by what is stored of it. The same run and version give the same judgement."""
    every = Samples.of(recorded)
    samples = every.experiment
    ended_at = _ended_at(record, every)
    windows = cut_run(record, samples, ended_at)
    control = cut_run(record, every - samples, ended_at) if len(every) > len(samples) else {}
    at_fault = samples_at_fault(record, windows)
    felt = tuple(_felt_faults(record, windows, at_fault, makers))
    rise = _rise(record, windows)
    remembered = stated_response(record)
    seen = replace(_seen(record, samples, windows, logs), control=control, response=remembered)
    stated = remembered and (
        read_rollback(remembered, windows, logs.calls, record.faults)
        if record.request.drill.rolls_back
        else replace(remembered, called_at=called_at(remembered.steps))
    )
    validities = find_validities(record, windows, logs.vitals)
    judgements = tuple(
        _judgement(spec, seen, validities, record, makers) for spec in record.request.drill.checks
    )
    invalid = why_invalid(record, samples) or _why_blind(felt, validities)
    decision = decide(
        judgements,
        refused=record.refused,
        dirty=why_dirty(record),
        stop=why_stopped(record),
        # Samples that show nothing cannot show that a fault was not felt either.
        not_felt=""
        if invalid
        else _why_not_felt(record, felt, rise) or _why_not_rehearsed(record, stated, judgements),
        invalid=invalid,
    )
    return Judged(
        windows=windows,
        control=control,
        at_fault=at_fault,
        faults=felt,
        rise=rise,
        judgements=judgements,
        response=stated_result(stated) if stated else _response(record, seen, at_fault),
        stated=stated,
        restore=read_restore(record.restore, seen.faulted_provider, windows, seen.good_in_a_row),
        decision=decision,
        ended_at=ended_at,
        good_in_a_row=seen.good_in_a_row,
        validities=validities,
        validity=find_validity_between(
            samples, logs.vitals, (record.started_at, ended_at), tightest_ms(record.request.target)
        ),
    )


def samples_at_fault(record: RunRecord, windows: Mapping[str, Window]) -> Samples:
    """Pick the samples that may have met the fault: the faulted window and the way into it."""
    if record.inject is None or "faulted" not in windows:
        return Samples.of(())
    into = record.inject.span().touched(windows["transition"].samples)
    return into | windows["faulted"].samples


def _ended_at(record: RunRecord, samples: Samples) -> datetime:
    """When the run ended; of one that nobody closed, the last that is known of it."""
    if record.ended_at is not None:
        return record.ended_at
    events = (event.at for event in record.events)
    last = samples.last_by("finished_at")
    return max([record.started_at, *events, *([last.finished_at] if last else [])])


def cut_run(record: RunRecord, samples: Samples, ended_at: datetime) -> dict[str, Window]:
    if record.peak is not None:
        return cut_at_peak(samples, record, ended_at)
    changes = {"faulted": record.inject, "responded": record.respond}
    if any(changes.values()):
        changes["recovered"] = record.restore
    came = {name: moment.span() for name, moment in changes.items() if moment}
    return cut_windows(
        samples,
        started_at=record.started_at,
        ended_at=ended_at,
        spans=list(came.values()),
        names=("baseline", *came),
    )


def _seen(record: RunRecord, samples: Samples, windows: Mapping[str, Window], logs: Logs) -> Seen:
    drill = record.request.drill
    providers = faulted_providers(drill)
    until = drill.windows.recovered
    restore = record.restore
    return Seen(
        windows=windows,
        faults=record.faults,
        faulted_provider=next(iter(providers), ""),
        restore=Restore(requested_at=restore.requested_at, effective_at=restore.confirmed_at)
        if restore
        else None,
        target=record.request.target,
        load=drill.load.offered(),
        load_started_at=_first_due(samples),
        good_in_a_row=until.good_in_a_row if isinstance(until, Until) else GOOD_IN_A_ROW,
        served_log=logs.served,
        calls=logs.calls,
        readings=by_objective(logs.readings),
        sightings=logs.sightings,
        reference=logs.reference,
        faulted_providers=providers,
    )


def _first_due(samples: Samples) -> datetime | None:
    """When the load began; None when it sent nothing."""
    first = samples.first_by("intended_at")
    return first.intended_at if first else None


def _response(record: RunRecord, seen: Seen, at_fault: Samples) -> ResponseResult:
    if record.inject is None:
        return ResponseResult()
    return read_response(record.inject, seen.faulted_provider, at_fault, seen.good_in_a_row)


def _felt_faults(
    record: RunRecord, windows: Mapping[str, Window], at_fault: Samples, makers: Makers
) -> Iterator[FeltFault]:
    specs = {spec.on: spec for spec in record.request.drill.faults}
    for fault_record in record.faults:
        spec = specs.get(fault_record.on, FaultSpec(kind=fault_record.kind, on=fault_record.on))
        provider = name_of(fault_record.on)
        try:
            fault = makers.fault(spec)
            met = replace(windows["faulted"], samples=at_fault) if at_fault else None
            felt = (
                fault.felt(fault_record, provider, windows["baseline"], met)
                if met
                else Felt(0, "no sample was taken while the fault was there")
            )
            yield FeltFault(fault_record, provider, fault.evidence, fault.legend, felt)
        except Exception as error:  # noqa: BLE001 - a plug-in's bug is never evidence
            felt = Felt(0, f"whether it was felt is not known: {_sentence(error)}")
            yield FeltFault(fault_record, provider, "", fault_record.kind, felt)


def _rise(record: RunRecord, windows: Mapping[str, Window]) -> Rise | None:
    """How far the load went up; None where that is not what the run did."""
    if record.peak is None:
        return None
    return judge_rise(windows["peak"].samples, record.request.drill.load.curve().rate_max)


def _why_not_felt(record: RunRecord, felt: Sequence[FeltFault], rise: Rise | None) -> str:
    if rise is not None:
        # A run that was stopped on the way up has its own reason.
        missed = f"the load did not arrive at its peak: {rise.sentence}"
        return "" if rise.reached or record.stop else missed
    if record.request.drill.rehearse:
        return ""  # nothing was to be broken
    if record.inject is None:
        # A run that was stopped before the fault has its own reason.
        return "" if record.stop else "no fault was injected, so nothing was rehearsed"
    silent = next((fault for fault in felt if not fault.felt.felt), None)
    if silent is None:
        return ""
    return (
        f"the fault {silent.record.kind} on {silent.record.on} was not felt: {silent.felt.sentence}"
    )


def _why_not_rehearsed(
    record: RunRecord, stated: Response | None, judgements: Sequence[Judgement]
) -> str:
    """Why nobody saw that a rehearsed response changed anything; '' when somebody did.

    A check that says no has seen enough: a rollback that changes nothing is what it looks for.
    """
    refuted = any(judgement.held is Held.NO for judgement in judgements)
    if record.request.drill.rehearse is None or stated is None or record.stop or refuted:
        return ""
    if stated.called_at is None:
        return "the response was not called, so nothing was rehearsed"
    if stated.first_good_at is None and record.request.drill.rolls_back:
        why = stated.blind or "no answer came of the version that was set"
        return f"nobody saw the version at the front door change: {why}"
    return ""


def _why_blind(felt: Sequence[FeltFault], validities: Mapping[str, Validity]) -> str:
    """Why nobody can say that a fault was not felt; '' when somebody can, or all were felt."""
    faulted = validities.get("faulted", Validity())
    return faulted.reason if any(not fault.felt.felt for fault in felt) else ""


def _judgement(
    spec: CheckSpec,
    seen: Seen,
    validities: Mapping[str, Validity],
    record: RunRecord,
    makers: Makers,
) -> Judgement:
    """Judge one check."""
    name = ""
    try:
        check = makers.check(spec)
        name = check.name
        finding = (
            _judge(check, seen, validities)
            if record.touched
            else unknown("not judged: nothing was broken")
        )
    except Exception as error:  # noqa: BLE001 - a plug-in's bug is never a pass
        finding = unknown(f"the check could not judge: {_sentence(error)}")
    return Judgement(
        kind=spec.kind, name=name, held=finding.held, reason=finding.reason, measure=finding.measure
    )


def _judge(check: Check, seen: Seen, validities: Mapping[str, Validity]) -> Finding:
    """What the check finds.

    What it makes of a window in which the load generator was the bottleneck is not known,
    whatever it says.
    """
    watched = Watched(seen.windows)
    finding = check.judge(replace(seen, windows=watched))
    for name in watched.looked_into:
        if validities[name].generator_bound:
            return unknown(f"the {name} window tells nothing: {validities[name].reason}")
    if "responded" in watched.looked_into:  # a response is everybody's, the control group's too
        return finding
    return against_control(check, seen, finding)


def _sentence(error: Exception) -> str:
    if isinstance(error, GamedayError):
        return error.sentence
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
