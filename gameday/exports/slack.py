"""The export `slack`: a run as a message of Slack's Block Kit."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from gameday.domain.export import Export, JudgedRun
from gameday.domain.result import CheckResult, Result
from gameday.domain.verdict import Held
from gameday.reporting.inert import inert_line
from gameday.reporting.terminal import check_label, headline, next_step
from gameday.reporting.wording import date_time, seconds

# Slack's own bounds: characters of a section's text and of a header's.
SECTION_MAX, HEADER_MAX = 3000, 150
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
    return {"text": _plain(text), "blocks": blocks_of_run(result)}


def blocks_of_run(result: Result) -> list[dict[str, Any]]:
    """What a message about one run shows; whoever sends it may add blocks of its own."""
    title = inert_line(f"{result.verdict.upper()} · {result.drill}", HEADER_MAX)
    lasted = seconds((result.ended_at - result.started_at).total_seconds())
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": title, "emoji": False}},
        _section(_plain(headline(result))),
    ]
    if result.summary:
        blocks.append(_section(_plain(result.summary)))
    if result.happened:
        blocks.append(_section("\n".join(_check_lines(result.checks))))
    blocks.append(
        _context(
            f"{result.target}/{result.environment}, run {result.run_id}, asked for by "
            f"{result.requested_by}",
            f"{date_time(result.started_at)}, for {lasted}",
            f"report {result.artifacts.html}",
        )
    )
    step = next_step(result)
    return [*blocks, _context(f"next: {step}")] if step else blocks


def _check_lines(checks: Iterable[CheckResult]) -> Iterator[str]:
    ordered = sorted(checks, key=lambda check: _ORDER.index(check.held))
    for check in ordered[:_CHECKS_MAX]:
        yield f"*{check.held}*  {_plain(check_label(check))}: {_plain(check.reason, 300)}"
    if len(ordered) > _CHECKS_MAX:
        yield f"and {len(ordered) - _CHECKS_MAX} more"


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _mrkdwn(text)}


def _context(*texts: str) -> dict[str, Any]:
    return {"type": "context", "elements": [_mrkdwn(_plain(text)) for text in texts]}


def _mrkdwn(text: str) -> dict[str, Any]:
    """verbatim: Slack looks for no links, names or channels of its own accord."""
    cut = text if len(text) <= SECTION_MAX else _whole_entities(text[: SECTION_MAX - 1]) + "…"
    return {"type": "mrkdwn", "text": cut, "verbatim": True}


def _whole_entities(text: str) -> str:
    """Without the beginning of an entity at the end, where the cut fell into one."""
    before, ampersand, after = text.rpartition("&")
    return before if ampersand and ";" not in after else text


def _plain(text: str, length_max: int = 1000) -> str:
    """On one line and inert; these three characters are all that Slack's own markup begins with."""
    line = inert_line(text, length_max)
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
