"""What a report tells, section by section, as plain rows that HTML and Markdown both render."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version

from gameday.domain.finding import Finding
from gameday.domain.lease import ClearedBy
from gameday.domain.record import Event
from gameday.domain.result import BudgetResult, RedactionResult, Result
from gameday.domain.sample import Sample
from gameday.domain.samples import Samples
from gameday.reporting import wording as say
from gameday.reporting.drawn import Drawn
from gameday.reporting.findings import finding_rows
from gameday.reporting.inert import inert_line
from gameday.reporting.past import Past
from gameday.reporting.responding import played_rows, stated_clock
from gameday.reporting.revert_plan import what_to_do
from gameday.store.redaction import redact

EXAMPLES_MAX = 3
EXCERPT_LENGTH_MAX = 300
Row = tuple[str, ...]
WINDOW_HEADS = (
    "Window",
    "Requests",
    "No answer",
    "p50",
    "p95",
    "First token p95",
    "Quality",
    "Cost per answer",
    "Answered by",
)
COST_HEADS = ("Of", "Passed", "Spent", "Of it wasted", "For each answer that passed")
BUDGET_HEADS = ("Objective", "Bad", "Budget of 30 days spent", "Burn while the fault was there")
READING_HEADS = ("Objective", "Window", "Asked (UTC)", "Of", "What", "Answer")
PAGE_HEADS = ("Objective", "Alert", "Would it have paged?")
STEP_HEADS = ("Step", "From", "To", "The mechanism", "Put back (UTC)", "Put back by")
PLAY_HEADS = ("At (UTC)", "Item", "What it asks or does", "Answer", "Why", "Then")
REVERT_HEADS = ("Plan", "What changed", "What to do about it", "Why")
COMPONENT_HEADS = ("Component", "Before", "While it was changed", "After", "As before?")
TIMELINE_HEADS = ("Time (UTC)", "Offset", "Author", "What", "Facts")


@dataclass(frozen=True)
class Story:
    """All that a report is made of."""

    drawn: Drawn
    result: Result
    events: tuple[Event, ...]
    journal_head: str
    has_log: frozenset[str]  # the providers whose own log of requests was at hand
    past: Past | None = None  # the runs up to this one; None where no history is kept
    findings: tuple[Finding, ...] = ()  # of this run, and open ones of this drill on this target


@dataclass(frozen=True)
class Example:
    """One request that met the fault, redacted."""

    case: str
    when: str
    attempts: str
    received: str


def about(story: Story) -> list[Row]:
    """Who ran what, against what, and when."""
    result = story.result
    lasted = say.seconds((result.ended_at - result.started_at).total_seconds())
    approval = result.approved_by or "nobody; the drill asks for no approval"
    required = story.drawn.record.request.drill.require_approval
    if required and not result.approved_by:
        approval = "nobody yet; the drill asks for it"
    return [
        ("Drill", f"{result.drill} · {result.title}"),
        ("Target", f"{result.target} · {result.environment}"),
        ("When", f"{say.date_time(result.started_at)}, for {lasted}"),
        ("Run", f"{result.run_id}, asked for by {result.requested_by}"),
        ("Approved by", approval),
        ("Closed by", result.closed_by or "nobody: the run ended without its author"),
        *_ended_early(story),
    ]


def _ended_early(story: Story) -> list[Row]:
    """Which condition or who ended the run before its time, and how soon all was put back."""
    stop, restore = story.result.stop, story.drawn.record.restore
    if stop is None:
        return []
    who = f"the guard {stop.guard}, in the {stop.window} window" if stop.guard else stop.reason
    if stop.at is None or restore is None or restore.confirmed_at < stop.at:
        return [("Ended early by", who)]
    took_ms = (restore.confirmed_at - stop.at).total_seconds() * 1000
    return [("Ended early by", f"{who}; all was put back {took_ms:,.0f} ms later")]


def management(story: Story) -> str:
    """One sentence for somebody who reads only one: who was exposed, and for how long."""
    record, result = story.drawn.record, story.result
    place = f"{result.target}/{result.environment}"
    if record.peak is not None:
        return _risen(story, place)
    if record.inject is None and record.respond is not None:
        return _rehearsed(story, place)
    if record.inject is None:
        return f"Nothing was broken in {place}, and no user was exposed."
    lived = _fault_seconds(story)
    met = story.drawn.judged.at_fault
    failed = len(met) - len(met.good)
    plan = "; ".join(record.request.plan.faults)
    length = f"for {say.seconds(lived)}" if lived is not None else "for a time that is not known"
    if not met:
        return (
            f"One planned fault ({plan}) was in {place} {length}; no request was recorded in that "
            "time, so nobody knows what users met."
        )
    stretch = story.drawn.longest_without_answer_s
    worst = f"; the longest time without any answer was {stretch:.1f} s" if failed else ""
    return (
        f"One planned fault ({plan}) was in {place} {length}; of {len(met):,} synthetic requests "
        f"that could meet it, {failed:,} got no answer{worst}."
    )


def _rehearsed(story: Story, place: str) -> str:
    """What happened while a response was rehearsed, with nothing broken."""
    met = story.drawn.judged.windows["responded"].samples
    failed = len(met) - len(met.good)
    plan = "; ".join(story.drawn.record.request.plan.response)
    return (
        f"Nothing was broken in {place}; its response was rehearsed ({plan}), and of {len(met):,} "
        f"synthetic requests in that time, {failed:,} got no answer."
    )


def _risen(story: Story, place: str) -> str:
    """What happened while the load of a run that breaks nothing went up."""
    met = story.drawn.judged.windows["peak"].samples
    failed = sum(not sample.good for sample in met)
    peak = story.drawn.record.request.drill.load.curve().rate_max
    return (
        f"Nothing was broken in {place}; its load went up towards {peak:g}/s, and of {len(met):,} "
        f"synthetic requests in that time, {failed:,} got no answer."
    )


def rise_sentence(story: Story) -> str:
    """Whether the load arrived at its peak; '' where that is not what the run did."""
    rise = story.result.rise
    if rise is None:
        return ""
    return f"{'Yes' if rise.reached else 'No'}: {rise.sentence}."


def windows(story: Story) -> list[Row]:
    """Each window, in the columns of WINDOW_HEADS."""
    rows: list[Row] = []
    control = {f"{name}, control": window for name, window in story.result.control.items()}
    for name, window in {**story.result.windows, **control}.items():
        served = window.served_by.items()
        who = ", ".join(f"{_who(by)} {say.share(n, window.n - window.errors)}" for by, n in served)
        cost, quality = window.cost_per_success, window.quality
        rows.append(
            (
                name,
                f"{window.n:,}",
                say.share(window.errors, window.n),
                say.milliseconds(window.latency_ms.p50),
                say.milliseconds(window.latency_ms.p95),
                say.milliseconds(window.ttft_ms.p95),
                say.NONE if quality is None else f"{quality:.2f}",
                say.NONE if cost is None else say.dollars(cost),
                who or "nobody",
            )
        )
    return rows


def kept_up(story: Story) -> str:
    """What became of the scheduled requests, and how well the load generator kept up."""
    load, validity = story.result.load, story.result.load.validity
    lost = [
        f"{count:,} {what}"
        for count, what in (
            (load.late, "of them late"),
            (load.unsent, "never sent"),
            (load.not_asked, "not asked, as the turn before them got no answer"),
            (load.unaccounted, "missing from the samples"),
        )
        if count
    ]
    noted = [f"{load.sent:,} of {load.scheduled:,} scheduled requests were sent", *lost]
    lag_ms, cpu = validity.send_lag_ms_p99, validity.cpu_share
    if lag_ms is not None:
        noted.append(f"99 % of them within {lag_ms:,.1f} ms of their time")
    if cpu is not None:
        noted.append(f"the load generator took {100 * cpu:.0f} % of a core")
    bound = [
        f" In the {name} window {window.validity.reason}."
        for name, window in story.result.windows.items()
        if window.validity.generator_bound
    ]
    return f"{', '.join(noted)}.{''.join(bound)}"


def hung_up(story: Story) -> str:
    """How many clients left because they were told to; '' where none was."""
    count = story.result.hung_up
    if not count:
        return ""
    return (
        f"{count:,} of {len(story.drawn.samples):,} clients hung up early, as the drill told them "
        "to; their requests are in no window."
    )


def examples(story: Story) -> list[Example]:
    """Up to three requests that met the fault, each of another kind, redacted."""
    drawn = story.drawn
    if not drawn.judged.faults:
        return []
    provider = drawn.judged.faults[0].provider
    found: dict[tuple[str, ...], Sample] = {}
    for (way, outcome, by), sample in drawn.kinds_at_fault.items():
        failed = [ended for name, ended in way if name == provider]
        if any(ended != "ok" for ended in failed):
            found.setdefault((*failed, outcome, by or ""), sample)
    first = sorted(found.values(), key=lambda sample: (sample.intended_at, sample.seq))
    return [_example(story, sample) for sample in first[:EXAMPLES_MAX]]


def clock_heads(story: Story) -> tuple[str, ...]:
    """The heads of `clock`, whose first column has the numbers of the marks."""
    if story.drawn.judged.stated is None:
        return ("", "Moment", "Time (UTC)", "After the fault")
    zero = "fault" if story.drawn.record.inject else "call"
    return ("", "Moment", "Time (UTC)", f"After the {zero}", "Took", "Objective")


def steps(story: Story) -> list[Row]:
    """Each step of the response, in the columns of STEP_HEADS."""
    return [
        (
            f"{step.kind} on {step.on}",
            step.before or "not known",
            step.to or "not known",
            step.failed or step.unverified or "said yes, and it read back",
            say.clock_time(step.cleared_at) if step.cleared_at else "not known",
            " · ".join(filter(None, (step.cleared_by or "not known", step.cleared_because))),
        )
        for step in story.result.response.steps
    ]


def play(story: Story) -> list[Row]:
    """Each item of the runbook that was the response, in the columns of PLAY_HEADS."""
    played = story.result.response.play
    return played_rows(played) if played else []


def play_sentence(story: Story) -> str:
    """How the runbook ended; '' where none was played."""
    played = story.result.response.play
    if played is None:
        return ""
    told = f"The runbook {played.runbook} ended {played.outcome or 'nobody knows how'}"
    return "; ".join((f"{told}: {played.sentence}", *played.put_back))


def reverts(story: Story) -> list[Row]:
    """Each change of each plan, in the columns of REVERT_HEADS: what to do about it, and why."""
    return [
        (str(number), one.changed.words, what_to_do(one), one.reason)
        for number, plan in enumerate(story.result.response.plans, start=1)
        for one in plan.every
    ]


def clock(story: Story) -> list[Row]:
    """Give number, moment, time of day and time after the fault; none when nothing was felt."""
    record, response = story.drawn.record, story.result.response
    if story.drawn.judged.stated is not None:
        return stated_clock(record, response, story.drawn.zero)
    felt = any(fault.evidence.felt for fault in story.result.faults)
    if record.inject is None or not felt:
        return []
    zero = record.inject.confirmed_at
    moments = (
        (say.NONE, "fault armed", zero),
        ("1", "first failed attempt at the faulted provider", response.detected_at),
        ("2", "another provider called", response.called_at),
        ("3", "first good answer from another provider", response.first_good_at),
        (
            "4",
            f"all good: {story.drawn.judged.good_in_a_row} good answers in a row",
            response.all_good_at,
        ),
    )
    return [
        (number, what, say.clock_time(at) if at else "did not happen", say.after(at, zero))
        for number, what, at in moments
    ]


def findings(story: Story) -> list[Row]:
    """Each finding in the columns of FINDING_HEADS, overdue as of the end of the run."""
    return finding_rows(story.findings, story.result.ended_at.date())


def restored(story: Story) -> list[Row]:
    """Each fault: what, armed, gone, by whom, and what the injector read before and after."""
    return [
        (
            f"{fault.kind} on {fault.on}",
            say.clock_time(fault.armed_at),
            say.clock_time(gone) if (gone := fault.gone_at or fault.cleared_at) else "not known",
            " · ".join(filter(None, (fault.cleared_by or "not known", fault.cleared_because))),
        )
        for fault in story.result.faults
    ]


def components(story: Story) -> list[Row]:
    """Each component that was changed, in the columns of COMPONENT_HEADS."""
    return [
        (
            one.on,
            *(it.words if it else "not known" for it in (one.before, one.during, one.after)),
            one.sentence,
        )
        for one in story.result.components
    ]


def restore_sentence(story: Story) -> str:
    """How long users went on feeling the fault after it was gone."""
    restore = story.result.restore
    if restore.effective_at is None:
        return ""
    took = (restore.effective_at - (restore.requested_at or restore.effective_at)).total_seconds()
    what = (
        "The fault was gone" if story.drawn.record.inject else "What the response had set was gone"
    )
    if any(fault.cleared_by == ClearedBy.RESPONSE for fault in story.result.faults):
        what = "What the response had rolled back was verified"
    gone = f"{what} {took * 1000:,.0f} ms after its restore was asked for"
    if restore.seconds is None:
        return f"{gone}; whether everything was good again after it is not known."
    if restore.last_bad_at is None:
        return f"{gone}, and no bad answer came after it."
    return f"{gone}; the last bad answer came {restore.seconds:.1f} s later."


def radius(story: Story) -> list[Row]:
    """Give what, planned at most, actual."""
    plan, control = story.drawn.record.request.plan, story.drawn.judged.control.values()
    asked = [story.drawn.samples, *(window.samples for window in control)]
    lived = _fault_seconds(story)
    spent = math.fsum(math.fsum(samples.numbers("cost_usd")) for samples in asked)
    lasted = (story.result.ended_at - story.result.started_at).total_seconds()
    return [
        ("Touches", plan.radius, _touched(story)),
        ("Synthetic requests", f"{plan.requests_max:,}", f"{sum(map(len, asked)):,}"),
        ("Life of the fault", say.seconds(plan.fault_seconds_max), say.seconds(lived)),
        ("Length of the run", say.seconds(plan.seconds_max), say.seconds(lasted)),
        ("Cost of the requests", say.dollars(plan.cost_usd_max), say.dollars(spent)),
    ]


def _touched(story: Story) -> str:
    faults = [fault.on for fault in story.result.faults]
    return ", ".join([*faults, *(step.on for step in story.result.response.steps)]) or "nothing"


def costs(story: Story) -> list[Row]:
    """What was spent, and for how many answers that passed, in the columns of COST_HEADS."""
    return [
        (
            f"{cost.window}, {cost.label} {cost.value or 'without one'}" * bool(cost.label)
            or cost.window,
            f"{cost.passed:,} of {cost.good:,}",
            say.between(cost.usd_min, cost.usd_max),
            say.between(cost.wasted_usd_min, cost.wasted_usd_max),
            say.NONE
            if cost.per_success_usd_min is None or cost.unpriced
            else say.between(cost.per_success_usd_min, cost.per_success_usd_max),
        )
        for cost in story.result.costs
    ]


def budgets(story: Story) -> list[Row]:
    """What the run cost of each error budget, in the columns of BUDGET_HEADS."""
    return [
        (
            f"{budget.slo}, {100 * budget.objective:g} %",
            f"{budget.bad:,} of {budget.total:,}",
            f"{100 * budget.budget_spent:.3g} %",
            say.burn(budget.burn_rate_at_fault),
        )
        for budget in story.result.budgets
    ]


def pages(story: Story) -> list[Row]:
    """What each usual alert would have made of it, in the columns of PAGE_HEADS.

    Where nothing was bad at all, the four would say the same.
    """
    return [row for budget in story.result.budgets for row in _pages(budget)]


def _pages(budget: BudgetResult) -> list[Row]:
    if budget.total and not budget.bad:
        return [(budget.slo, "all four", "would not have fired: nothing was bad in the whole run")]
    return [
        (
            budget.slo,
            f"{alert.severity}: {alert.factor:g}x over "
            + " and ".join(say.long_time(s) for s in (alert.short_s, alert.long_s)),
            alert.sentence,
        )
        for alert in budget.alerts
    ]


def readings(story: Story) -> list[Row]:
    """What other systems were asked for the objectives, in the columns of READING_HEADS."""
    return [
        (
            f"{reading.slo} {reading.part}",
            reading.window,
            say.clock_time(reading.at),
            reading.of,
            inert_line(reading.asked, 300),
            reading.no_data
            or f"{reading.points:,} figures, from {reading.first:g} to {reading.last:g}",
        )
        for reading in story.result.readings
    ]


def limits(story: Story) -> Iterator[str]:
    """Say what this run does not show, each in one sentence."""
    record, result = story.drawn.record, story.result
    load = record.request.drill.load
    if record.touched:
        yield (
            "Times come from the hosts of the workflow, the injector and the load generator, "
            "whose clocks are assumed to be in step."
        )
        yield (
            f"Only synthetic requests were watched ({load.shape}, from suite {load.suite}); "
            "what other traffic met in this time was not measured."
        )
    if record.inject is not None:
        yield f"An outage longer than {say.seconds(_fault_seconds(story))} was not tried."
    served = {who for window in result.windows.values() for who in window.served_by} - {"?"}
    blind = sorted(served - story.has_log)
    if blind:
        yield (
            f"Who answered is the front door's own word for {' and '.join(blind)}: no request "
            "log of theirs was at hand to check it."
        )
    unsure = [f"{c.kind} {c.name}".strip() for c in result.checks if c.held == "unknown"]
    if unsure and record.touched:
        yield f"Not decided: {', '.join(unsure)}."
    for event in story.events:
        if event.author == "report" and event.what.startswith("no segment"):
            yield f"The journal has {event.what}."
    if result.signature.missing:
        yield (
            "The journal's chain shows edits, not authors, and nothing is signed: "
            f"{result.signature.missing}."
        )
    else:
        yield (
            "The signature shows who vouches for this report and that nothing was changed since; "
            "not that what was measured was honest when it was measured."
        )


def timeline(story: Story) -> list[Row]:
    """Each line of the journal, in the columns of TIMELINE_HEADS."""
    return [
        (
            say.clock_time(event.at),
            say.after(event.at, story.drawn.zero),
            event.author,
            inert_line(event.what, 200),
            ", ".join(f"{key} {inert_line(str(value), 120)}" for key, value in event.facts.items()),
        )
        for event in story.events
    ]


def origins(story: Story) -> list[Row]:
    """Plan, versions and how to check the file one holds."""
    return [
        ("Plan", story.result.plan_digest),
        ("Journal's last line", story.journal_head),
        ("Signed by key", story.result.signature.key or "nobody"),
        ("Redacted by", _redacted_by(story.result.redaction)),
        ("Judged by", f"gameday {version('ai-gameday')}"),
        ("System's version", _seen_values(story.drawn.samples, "version")),
        ("Models that answered", _seen_values(story.drawn.samples, "model")),
        ("Model fingerprints", _seen_values(story.drawn.samples, "fingerprint")),
    ]


def _redacted_by(redaction: RedactionResult) -> str:
    own = f", and {', '.join(redaction.own)}" if redaction.own else ""
    return f"rules of version {redaction.version}{own}"


def _example(story: Story, sample: Sample) -> Example:
    tries = (f"{a.provider} {a.outcome} after {a.elapsed_ms:,.0f} ms" for a in sample.attempts)
    received = sample.answer_excerpt or sample.detail or "nothing"
    if sample.answer_chars and not sample.answer_excerpt:
        received = f"an answer of {sample.answer_chars:,} characters, whose text was not kept"
    return Example(
        case=inert_line(sample.case, 80),
        when=say.after(sample.finished_at, story.drawn.zero),
        attempts=inert_line(", then ".join(tries), 300),
        received=redact(inert_line(received, EXCERPT_LENGTH_MAX)),
    )


def _fault_seconds(story: Story) -> float | None:
    """How long the first fault was there; None when nobody knows when it went."""
    if not story.result.faults:
        return None
    fault = story.result.faults[0]
    gone_at = fault.gone_at or fault.cleared_at
    if fault.armed_at is None or gone_at is None:
        return None
    return (gone_at - fault.armed_at).total_seconds()


def _who(name: str) -> str:
    return "unknown" if name == "?" else name


def _seen_values(samples: Samples, field: str) -> str:
    counts = [(value, n) for value, n in samples.tally(field).items() if value is not None]
    told = (f"{inert_line(value, 80)} ({n:,})" for value, n in counts[:6])
    return ", ".join(told) or "not told"
