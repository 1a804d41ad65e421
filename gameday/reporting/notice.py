"""What a hook is told of a run that has ended: verdict, summary, and where the report is."""

from typing import Any

from gameday.domain.result import Result
from gameday.reporting.terminal import headline, next_step


def notice_of(result: Result) -> dict[str, Any]:
    """Plain JSON without a question or an answer. `notice` is the same whenever it is told."""
    return {
        "notice": f"run {result.run_id}",
        "kind": "drill",
        "at": result.ended_at.isoformat(),
        "target": result.target,
        "environment": result.environment,
        "run": result.run_id,
        "drill": result.drill,
        "verdict": result.verdict,
        "sentence": headline(result),
        "summary": result.summary or f"{result.verdict.upper()}. {headline(result)}",
        "next_step": next_step(result),
        "requested_by": result.requested_by,
        "report": result.artifacts.html,
    }
