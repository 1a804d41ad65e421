"""Explains a drill's run: what was decided in it, why, and on what evidence.

Everything comes from what the run has kept; where it has kept no reason, that is said.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from gameday.domain.explanation import Choice, Explanation
from gameday.domain.lease import FaultRecord
from gameday.domain.record import Event, RunRecord
from gameday.domain.result import Result
from gameday.domain.revert_plan import RevertPlan
from gameday.domain.runbook_record import RunbookRecord
from gameday.reporting import wording as say
from gameday.reporting.explaining_runbook import runbook_choices
from gameday.reporting.inert import inert_line
from gameday.reporting.revert_plan import what_to_do

_NO_REASON = "the run has kept no reason"
# The items of a runbook tell more of these.
_BY_THE_PLAY = frozenset(
    {"runbook_played", "runbook_called", "runbook_undone", "responded", "taken_back"}
)
_WHY_ENDED = {
    "time": "its time was over",
    "requests": "it had its requests",
    "all_good": "every answer was good again",
    "detected": "the change was noticed",
    "at_most": "its longest time was over",
    "guard": "a guard was met",
}
_WHY_PUT_BACK = {
    "restore": "its windows were over",
    "response": "the response had rolled it back",
    "guardian": "the workflow was gone, and its guardian puts back",
    "lease": "nobody renewed its lease in time",
    "recovery": "the injector had been killed, and puts back what was outstanding first",
    "stop": "somebody stopped every fault",
    "sweep": "somebody swept",
    "vanished": "it was gone when the injector looked, and nobody says that they undid it",
}


def explain_drill(
    record: RunRecord,
    result: Result | None,
    said: Iterable[Event] = (),
    played: RunbookRecord | None = None,
) -> Explanation:
    """The run's choices.

    result: None while it goes on. said: the injector's own events. played: the runbook that was
    its response.
    """
    choices = [
        *_of_the_plan(record),
        *_of_the_workflow(record, frozenset() if played is None else _BY_THE_PLAY),
        *_of_the_injector(said),
        *_of_putting_back(record),
        *(runbook_choices(played) if played else ()),
        *(_of_judging(result) if result else ()),
    ]
    return Explanation(
        run=record.request.run_id,
        sort="drill",
        name=record.request.drill.drill,
        target=record.request.target.target,
        environment=record.request.environment,
        ended=result.verdict.value if result else "",
        reason=result.reason if result else "it goes on, or nobody has closed it",
        choices=tuple(sorted(choices, key=lambda choice: choice.at)),
    )


def explanation_lines(told: Explanation) -> list[str]:
    """As people read it: how it ended and why, then each choice with its reason and evidence."""
    ended = told.ended.upper() or "NOT CLOSED"
    lines = [f"{ended}   {inert_line(told.reason)}"]
    place = f"{told.target}/{told.environment}"
    lines += [f"{told.sort} {told.name} on {place}, run {told.run}", ""]
    for choice in told.choices:
        lines.append(
            f"{say.clock_time(choice.at)}  {inert_line(choice.by)}: {inert_line(choice.what)}"
        )
        lines.append(f"              why  {inert_line(choice.why)}")
        lines += [f"              fact {inert_line(one, 300)}" for one in choice.evidence]
    return lines


def _of_the_plan(record: RunRecord) -> Iterator[Choice]:
    request, plan = record.request, record.request.plan
    does = [*plan.faults, *plan.response] or ["nothing; the load alone goes up"]
    yield Choice(
        at=record.started_at,
        by=request.requested_by,
        what=f"asked for the drill {request.drill.drill}: {'; '.join(does)}",
        why=request.drill.hypothesis,
        evidence=(f"plan {plan.digest}: at most {say.seconds(plan.fault_seconds_max)} broken",),
    )


def _of_the_workflow(record: RunRecord, told: Collection[str]) -> Iterator[Choice]:
    """told: what is told elsewhere, by whoever knows more of it."""
    plans = iter(record.plans)
    for event in record.events:
        if event.what in told:
            continue
        if event.what == "planned":
            yield _planned(event, next(plans, None))
        elif (explain := _SAID.get(event.what)) is not None:
            yield from explain(event, record)
        else:
            facts = [f"{name} {value}" for name, value in event.facts.items()]
            what = event.what.replace("_", " ")
            yield _choice(event, what, _reason(event.facts) or _NO_REASON, *facts)


def _planned(event: Event, plan: RevertPlan | None) -> Choice:
    order = event.facts["put_back"]
    return _choice(
        event,
        f"put back {order[0]} first" if order else "put back nothing",
        (plan.undecided if plan else "") or "the plan of what to put back says so",
        *(
            f"{one.changed.words}: {what_to_do(one)}; {one.reason}"
            for one in (plan.every if plan else ())
        ),
    )


def _phase(event: Event, record: RunRecord) -> Iterator[Choice]:
    """Going on to a phase is a choice where something was looked at first: the preflight."""
    phase = event.facts["phase"]
    if phase == "baseline" and record.preflight:
        ok = sum(line.ok for line in record.preflight)
        yield _choice(
            event,
            "go on from the preflight",
            f"{ok} of {len(record.preflight)} lines are ok",
            *(f"{line.name}: {line.sentence}" for line in record.preflight),
        )
    if phase == "approve":
        why = "the drill asks for it, or its environment is production"
        yield _choice(event, "wait for somebody's approval", why)


def _refused(event: Event, record: RunRecord) -> Iterator[Choice]:
    lines = (f"{line.name}: {line.sentence}" for line in record.preflight if not line.ok)
    yield _choice(event, "refuse the drill", event.facts["sentence"], *lines)


def _approved(event: Event, _: RunRecord) -> Iterator[Choice]:
    given = Choice(
        at=event.at,
        by=str(event.facts.get("by", "")),
        what="approved the plan",
        why="a person's own word",
        evidence=(f"plan {event.facts.get('plan_digest', '')}",),
    )
    yield given


def _window(event: Event, _: RunRecord) -> Iterator[Choice]:
    facts = event.facts
    quality = facts.get("quality")
    yield _choice(
        event,
        f"end the {facts['window']} window",
        _WHY_ENDED.get(facts["ended"], facts["ended"]),
        f"{facts['n']:,} requests in {facts['seconds']:.1f} s, {facts['errors']:,} without answer, "
        f"p95 {say.milliseconds(facts['latency_ms_p95'])}, quality "
        f"{say.NONE if quality is None else format(quality, '.2f')}",
    )


def _detected(event: Event, _: RunRecord) -> Iterator[Choice]:
    facts = event.facts
    looked = f"{facts['requests']:,} requests, {facts['tokens']:,} tokens"
    what = f"take the change for noticed, by {facts['by']}"
    yield _choice(event, what, facts["sentence"], looked)


def _armed(event: Event, record: RunRecord) -> Iterator[Choice]:
    held = _held(record, event.facts["fault"])
    yield _choice(event, f"break {_what(event)}", "the drill says so, and the policy allows it",
                  *_confirmed(held))  # fmt: skip


def _responded(event: Event, record: RunRecord) -> Iterator[Choice]:
    by_plan = record.request.drill.reverts_by_plan
    why = "the plan puts it back first" if by_plan else "the drill's response has it next"
    if record.detection is not None and not by_plan:
        why = f"{why}: {record.detection.sentence}"
    yield _choice(event, f"call {_what(event)}", why, *_step(_held(record, event.facts["fault"])))


def _stop(event: Event, _: RunRecord) -> Iterator[Choice]:
    facts = event.facts
    by = f"guard {facts['guard']}" if facts.get("guard") else facts["by"]
    yield Choice(at=event.at, by=by, what="end the drill early", why=facts["reason"])


def _alerted(event: Event, _: RunRecord) -> Iterator[Choice]:
    state = "fires" if event.facts.get("firing") else "is over"
    what, by = f"say that alert {event.facts.get('alert', '')} {state}", event.facts.get("sender")
    yield Choice(at=event.at, by=str(by or "alerts"), what=what, why="its own rule says so")


def _nothing(_: Event, __: RunRecord) -> Iterator[Choice]:
    """Told elsewhere, by whoever knows more of it."""
    return iter(())


_SAID: dict[str, Callable[[Event, RunRecord], Iterator[Choice]]] = {
    "phase": _phase,
    "refused": _refused,
    "approved": _approved,
    "alerted": _alerted,
    "window": _window,
    "detected": _detected,
    "armed": _armed,
    "responded": _responded,
    "stop": _stop,
    "restored": _nothing,
}


def _of_the_injector(said: Iterable[Event]) -> Iterator[Choice]:
    """What it decided by itself: all but to arm and to clear, of which the records tell more."""
    for event in said:
        if event.what not in {"armed", "cleared"} and (reason := _reason(event.facts)):
            what = event.what.replace("_", " ")
            yield Choice(at=event.at, by="injector", what=what, why=reason)


def _of_putting_back(record: RunRecord) -> Iterator[Choice]:
    for held in (*record.faults, *record.steps):
        if held.cleared_at is None:
            continue
        by = str(held.cleared_by or "")
        because = f": {held.cleared_because}" if held.cleared_because else ""
        yield Choice(
            at=held.cleared_at,
            by="injector" if by in {"lease", "recovery", "vanished"} else by or "not known",
            what=f"put back {held.kind} on {held.on}",
            why=f"{_WHY_PUT_BACK.get(by, _NO_REASON)}{because}",
            evidence=tuple(_as_before(held, record)),
        )


def _of_judging(result: Result) -> Iterator[Choice]:
    for check in result.checks:
        name = f"{check.kind} {check.name}".strip()
        yield _judged(result.ended_at, f"{name}: {check.held}", check.reason)
    for fault in result.faults:
        felt = "felt" if fault.evidence.felt else "not proved to be felt"
        what = f"{fault.kind} on {fault.on}: {felt}"
        yield _judged(result.ended_at, what, fault.evidence.sentence)
    yield _judged(result.ended_at, f"the verdict: {result.verdict}", result.reason)
    missing = result.signature.missing
    what = "leave the report unsigned" if missing else "sign the report"
    yield _judged(result.ended_at, what, missing or f"with key {result.signature.key}")


def _judged(at: datetime, what: str, why: str) -> Choice:
    return Choice(at=at, by="report", what=what, why=why)


def _confirmed(held: FaultRecord | None) -> Iterator[str]:
    if held is None:
        yield "the injector's own record of it is missing"
    elif held.confirm_ms is not None:
        yield f"{held.id}: confirmed by read-back after {held.confirm_ms:,.0f} ms"


def _step(held: FaultRecord | None) -> Iterator[str]:
    """What the mechanism answered, and what was there before."""
    yield from _confirmed(held)
    if held is None:
        return
    told = held.evidence
    before = (told.get("version_at_arm") or {}).get("label", "not known")
    yield f"from {before} to {told.get('to') or 'what was before the fault'}"
    for word in ("failed", "unverified"):
        if told.get(word):
            yield f"{word}: {told[word]}"


def _as_before(held: FaultRecord, record: RunRecord) -> Iterator[str]:
    """Of a step that was set upon a fault nothing: what was there before it was the fault."""
    if held.step and any(fault.on == held.on for fault in record.faults):
        return
    before, after = (held.evidence.get(f"version_{when}") for when in ("at_arm", "after"))
    if before and after:
        same = "as before" if before["digest"] == after["digest"] else "NOT as before"
        yield f"{same}: digest {before['digest'][:12]}, now {after['digest'][:12]}"


def _held(record: RunRecord, fault_id: str) -> FaultRecord | None:
    held = (*record.faults, *record.steps)
    return next((one for one in held if one.id == fault_id), None)


def _what(event: Event) -> str:
    return f"{event.facts['kind']} on {event.facts['on']}"


def _reason(facts: dict[str, Any]) -> str:
    """The reason that an event gives, whatever it calls it; '' where it gives none."""
    return next(
        (str(facts[key]) for key in ("reason", "why", "cause", "sentence") if facts.get(key)), ""
    )


def _choice(event: Event, what: str, why: str, *evidence: str) -> Choice:
    return Choice(at=event.at, by=event.author, what=what, why=why, evidence=evidence)
