"""Makes the result document out of a judged run."""

from gameday.domain.evidence import Evidence
from gameday.domain.reading import Reading
from gameday.domain.record import RunRecord
from gameday.domain.result import (
    Artifacts,
    CheckResult,
    EvidenceResult,
    FaultResult,
    ReadingResult,
    RedactionResult,
    ResponseResult,
    Result,
    SignatureResult,
    WindowResult,
)
from gameday.domain.sample import Outcome
from gameday.domain.samples import Samples
from gameday.domain.tally import LOAD_ENDED
from gameday.domain.verdict import Verdict
from gameday.reporting.account import make_account
from gameday.reporting.budget import make_budgets
from gameday.reporting.changed import changed_components
from gameday.reporting.costs import make_costs
from gameday.reporting.harm import describe_harm
from gameday.reporting.judging import FeltFault, Judged, by_objective
from gameday.reporting.responding import played_result
from gameday.reporting.summary import summarise
from gameday.reporting.validity import why_stopped
from gameday.store.run_folder import RunFolder


def make_result(
    folder: RunFolder,
    record: RunRecord,
    judged: Judged,
    every: Samples,
    signature: SignatureResult = SignatureResult(),  # noqa: B008 - frozen
) -> Result:
    """Everything that a machine may want to know of the run."""
    request, readings = record.request, folder.read_readings()
    samples = every.experiment
    return Result(
        run_id=request.run_id,
        drill=request.drill.drill,
        title=request.drill.title,
        hypothesis=request.drill.hypothesis,
        target=request.target.target,
        environment=request.environment,
        verdict=judged.decision.verdict,
        reason=_reason(record, judged, samples),
        exit_code=judged.decision.exit_code,
        started_at=record.started_at,
        ended_at=judged.ended_at,
        requested_by=request.requested_by,
        approved_by=record.approved_by,
        closed_by=record.closed_by,
        plan_digest=request.plan.digest,
        windows={
            name: WindowResult.of(window, judged.validities[name])
            for name, window in judged.windows.items()
            if name != "left"
        },
        control={
            name: WindowResult.of(window, judged.validities[name])
            for name, window in judged.control.items()
            if name != "left"
        },
        load=make_account(every, folder.read_events("probes"), judged.validity),
        hung_up=_hung_up(samples),
        stop=why_stopped(record),
        rise=judged.rise,
        faults=tuple(_fault_result(fault) for fault in judged.faults),
        components=tuple(changed_components(record)),
        checks=tuple(CheckResult(**check.model_dump()) for check in judged.judgements),
        response=_with_play(judged.response, folder),
        summary=summarise(record, judged, folder.read_reference()),
        restore=judged.restore,
        costs=tuple(make_costs(record, judged, folder.read_calls())),
        budgets=tuple(make_budgets(record, judged, samples, by_objective(readings))),
        readings=tuple(_reading_result(reading) for reading in readings),
        artifacts=_artifacts(folder, signed=not signature.missing),
        signature=signature,
        redaction=_redaction(request.target.evidence),
    )


def _with_play(response: ResponseResult, folder: RunFolder) -> ResponseResult:
    """With how the runbook was played that was the response, where one was."""
    if not folder.runbook_file.exists():
        return response
    return response.model_copy(update={"play": played_result(folder.read_runbook())})


def _hung_up(samples: Samples) -> int:
    """Clients that left because they were told to; not those whom the load's end cut off."""
    left = samples.where("outcome", lambda outcome: outcome is Outcome.LEFT)
    return len(left.where("detail", lambda detail: detail != LOAD_ENDED))


def _reason(record: RunRecord, judged: Judged, samples: Samples) -> str:
    """Say why; of a failure, what users would have felt comes first."""
    reason = judged.decision.reason
    if judged.decision.verdict is not Verdict.FAILED or record.inject is None:
        return reason
    ended = f". The drill then ended early: {record.stop.reason}" if record.stop else ""
    if judged.stated is not None:
        return f"{reason}{ended}"  # the check of a response says itself what users got
    stayed = samples.stayed
    since = stayed.since("finished_at", record.inject.requested_at)
    harm = describe_harm(since, judged.windows["baseline"].samples)
    return f"{harm}: {reason}{ended}"


def _fault_result(fault: FeltFault) -> FaultResult:
    record, felt = fault.record, fault.felt
    return FaultResult(
        id=record.id,
        kind=record.kind,
        on=record.on,
        evidence=EvidenceResult(
            kind=fault.evidence, count=felt.count, felt=felt.felt, sentence=felt.sentence
        ),
        armed_at=record.armed_at,
        gone_at=record.gone_at,
        cleared_at=record.cleared_at,
        cleared_by=record.cleared_by,
        cleared_because=record.cleared_because,
    )


def _reading_result(reading: Reading) -> ReadingResult:
    return ReadingResult(
        slo=reading.slo,
        window=reading.window,
        part=reading.part,
        asked=reading.source,
        of=reading.place,
        at=reading.asked_at,
        points=len(reading.points),
        first=reading.points[0][1] if reading.points else None,
        last=reading.points[-1][1] if reading.points else None,
        no_data=reading.no_data,
        raw=reading.raw,
    )


def _redaction(evidence: Evidence) -> RedactionResult:
    own = {rule.name: rule.pattern for rule in evidence.redact}
    return RedactionResult(own=own, excerpts=evidence.excerpts)


def _artifacts(folder: RunFolder, *, signed: bool) -> Artifacts:
    return Artifacts(
        journal=str(folder.journal_file),
        samples=str(folder.samples_folder),
        json_=str(folder.result_file),
        markdown=str(folder.markdown_file),
        html=str(folder.html_file),
        bundle=str(folder.bundle_file) if signed else None,
        public_key=str(folder.public_key_file) if signed else None,
    )
