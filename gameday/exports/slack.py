"""The export `slack`: a run as a message of Slack's Block Kit."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from gameday.domain.export import Export, JudgedRun
from gameday.domain.result import CheckResult, Result
from gameday.domain.verdict import Held
from gameday.reporting.slack_blocks import context, header, plain, section
from gameday.reporting.terminal import check_label, headline, next_step
from gameday.reporting.wording import date_time, seconds

_CHECKS_MAX = 20  # lines of checks; what did not hold comes first
_ORDER = (Held.NO, Held.UNKNOWN, Held.YES)


class Slack(Export):
    """A message for Slack: verdict, why, the checks, and where the report is.

    What a webhook takes: `blocks`, and `text` for notifications. Text of others can name nobody,
    call no channel and be no link.
    """

    def render(self, run: JudgedRun) -> str:
        return json.dumps(message_of_run(run.result), ensure_ascii=False, indent=1) + "\n"


def message_of_run(result: Result) -> dict[str, Any]:
    """The whole message: `text` and `blocks`."""
    text = f"{result.verdict.upper()}: {headline(result)}"
    return {"text": plain(text), "blocks": blocks_of_run(result)}


def blocks_of_run(result: Result) -> list[dict[str, Any]]:
    """What a message about one run shows; whoever sends it may add blocks of its own."""
    title = f"{result.verdict.upper()} · {result.drill}"
    lasted = seconds((result.ended_at - result.started_at).total_seconds())
    blocks: list[dict[str, Any]] = [
        header(title),
        section(plain(headline(result))),
    ]
    if result.summary:
        blocks.append(section(plain(result.summary)))
    if result.happened:
        blocks.append(section("\n".join(_check_lines(result.checks))))
    blocks.append(
        context(
            f"{result.target}/{result.environment}, run {result.run_id}, asked for by "
            f"{result.requested_by}",
            f"{date_time(result.started_at)}, for {lasted}",
            f"report {result.artifacts.html}",
        )
    )
    step = next_step(result)
    return [*blocks, context(f"next: {step}")] if step else blocks


def _check_lines(checks: Iterable[CheckResult]) -> Iterator[str]:
    ordered = sorted(checks, key=lambda check: _ORDER.index(check.held))
    for check in ordered[:_CHECKS_MAX]:
        yield f"*{check.held}*  {plain(check_label(check))}: {plain(check.reason, 300)}"
    if len(ordered) > _CHECKS_MAX:
        yield f"and {len(ordered) - _CHECKS_MAX} more"
