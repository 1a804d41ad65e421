"""What a person sees while a run goes on: finished phases as lines, the current one live."""

import sys
from collections.abc import Sequence
from typing import IO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from gameday.domain.plan import Plan
from gameday.domain.progress import Phase, Progress, RunProgress
from gameday.domain.record import Moment, RunRecord, RunRequest
from gameday.domain.waiting import Waiting

_LABEL = 11
_BAR = 20


class Screen:
    """Prints each finished phase once. On a terminal the current one is drawn in place."""

    def __init__(self, out: IO[str] | None = None) -> None:
        self._console = Console(file=out or sys.stdout, highlight=False, soft_wrap=True)
        self._live: Live | None = None
        self._said: set[str] = set()

    def say(self, line: str) -> None:
        # Text(), never markup: a sentence may quote what a model or a file said.
        self._console.print(Text(line))

    def head(self, request: RunRequest, where: str) -> None:
        drill = request.drill
        self.say(f"{drill.drill}   {drill.title}")
        self.say(
            f"run {request.run_id} · {request.target.target}/{request.environment} · {where}\n"
        )
        self._line("plan", plan_sentence(request.plan))

    def show(self, seen: RunProgress, current: Progress | None, lease_s: float | None) -> None:
        """Print what is newly finished, and draw what goes on."""
        record = seen.record
        if seen.waiting is not None:
            self._line("approve", waiting_sentence(seen.waiting))
        if record.preflight:
            self._preflight(seen)
        over = {window.window: window for window in seen.windows}
        self._window(over.pop("baseline", None))
        if record.inject is not None and seen.phase is not Phase.INJECT:
            for fault in record.request.plan.faults:
                self._line(
                    "inject",
                    f"{fault}; lease {record.request.plan.lease_s:g} s, confirmed by read-back "
                    f"after {took_ms(record.inject):.0f} ms",
                )
        self._window(over.pop("faulted", None))
        over.pop("responded", None)
        self._responses(seen)
        if record.restore is not None:
            self._line("restore", f"put back and verified after {took_ms(record.restore):.0f} ms")
        for window in over.values():  # of the peak, and of the recovery
            self._window(window)
        self._draw(seen, current, lease_s)

    def close(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _responses(self, seen: RunProgress) -> None:
        """What was called, and what was watched after it."""
        if seen.phase is Phase.RESPOND:
            return  # the mechanism has not answered yet
        watched = (window for window in seen.windows if window.window == "responded")
        for lines in response_lines(seen.record):
            for line in lines:
                self._line("respond", line)
            self._window(next(watched, None))

    def _window(self, window: Progress | None) -> None:
        if window is not None:
            self._line(window.window, window_sentence(window))

    def _preflight(self, seen: RunProgress) -> None:
        lines = seen.record.preflight
        self._line("preflight", f"{sum(line.ok for line in lines)} of {len(lines)} ok")
        for line in lines:
            if not line.ok:
                self._line("", f"no  {line.name}: {line.sentence}")

    def _line(self, label: str, text: str) -> None:
        line = f"  {label:<{_LABEL}} {text}"
        if line not in self._said:
            self._said.add(line)
            self.say(line)

    def _draw(self, seen: RunProgress, current: Progress | None, lease_s: float | None) -> None:
        if not self._console.is_terminal or seen.phase is Phase.CLOSED:
            self.close()
            return
        if self._live is None:
            self._live = Live(console=self._console, transient=True, refresh_per_second=8)
            self._live.start()
        self._live.update(Text(live_text(seen, current, lease_s)))


def response_lines(record: RunRecord) -> list[list[str]]:
    """A line for each step that was called; after each list of them the answers were watched."""
    if record.respond is None:
        return []
    stated = record.request.drill.respond_with
    if stated is not None:
        return [[f"{one.kind} on {one.on}, by {stated.runbook}"] for one in record.steps]
    if not record.request.drill.reverts_by_plan:
        took = f"answered after {took_ms(record.respond):.0f} ms"
        return [[f"{step}; {took}" for step in record.request.plan.response]]
    called = sorted(record.steps, key=lambda step: str(step.evidence.get("called_at", "")))
    # The plan that each was called by; the last one may have named no step.
    reasons = [plan.steps[0].reason for plan in record.plans if plan.steps]
    return [
        [f"{step.kind} on {step.on}, by plan: {reason}"]
        for step, reason in zip(called, reasons, strict=False)
    ]


def waiting_sentence(waiting: Waiting) -> str:
    return (
        f"waits for people:  gameday approve {waiting.run_id}  (if nobody does by "
        f"{waiting.until:%H:%M} UTC: {waiting.otherwise})"
    )


def plan_sentence(plan: Plan) -> str:
    return (
        f"{_broken(plan)}, at most {plan.requests_max:,} requests, ${plan.cost_usd_max:.2f}; "
        "every check can decide"
    )


def _broken(plan: Plan) -> str:
    if not plan.faults and not plan.response:
        return "nothing; the load goes up"
    response = f"; then {', '.join(plan.response)}" if plan.response else ""
    if not plan.faults:
        return f"nothing{response}; changed at most {plan.fault_seconds_max:g} s"
    return f"{'; '.join(plan.faults)}{response}; broken at most {plan.fault_seconds_max:g} s"


def took_ms(moment: Moment) -> float:
    return (moment.confirmed_at - moment.requested_at).total_seconds() * 1000


def window_sentence(window: Progress) -> str:
    return f"{window.seconds:.0f} s   " + figures(window)


def figures(window: Progress) -> str:
    """The figures of a window, in the same order every time."""
    p95 = "–" if window.latency_ms_p95 is None else f"{window.latency_ms_p95:.0f} ms"
    errors = "–" if not window.n else f"{100 * window.errors / window.n:.1f} %"
    quality = "–" if window.quality is None else f"{window.quality:.2f}"
    return (
        f"{window.n} requests   p95 {p95}   errors {errors}   {shares(window.served_by)}"
        f"   quality {quality}"
    )


def shares(served_by: dict[str, int]) -> str:
    total = sum(served_by.values())
    if not total:
        return "nobody served"
    return " ".join(f"{name} {100 * count / total:.0f} %" for name, count in served_by.items())


def live_text(seen: RunProgress, current: Progress | None, lease_s: float | None) -> str:
    run_id = seen.run_id
    how_to_stop = f"stop: Ctrl-C or  gameday abort {run_id}"
    if current is None or current.window != seen.phase:
        return f"  {seen.phase:<{_LABEL}} …\n{how_to_stop:>79}"
    planned = seen.record.request.plan.window(current.window).seconds_max
    done = min(1.0, current.seconds / planned) if planned else 1.0
    bar = "━" * round(done * _BAR) + "─" * (_BAR - round(done * _BAR))
    lease = f"   lease {lease_s:.0f} s" if lease_s is not None else ""
    return (
        f"  {current.window:<{_LABEL}} {current.seconds:.0f}/{planned:.0f} s {bar}{lease}\n"
        f"  {'':<{_LABEL}} {figures(current)}\n{how_to_stop:>79}"
    )


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as aligned lines of plain text."""
    if not rows:
        return []
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
