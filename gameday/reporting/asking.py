"""What people are told of a run that waits for them: as JSON, and for Slack with its buttons."""

from datetime import datetime
from typing import Any

from gameday.domain.statement import Statement, Word
from gameday.domain.waiting import Waiting
from gameday.reporting.slack_blocks import Block, button, context, header, plain, section

_LINES_MAX = 30
_STYLES = {"approve": "primary", "deny": "danger"}


def document_of_waiting(waiting: Waiting, at: datetime) -> dict[str, Any]:
    """Plain JSON. `notice` is the same whenever the same thing is told again."""
    return {
        "notice": f"waiting {waiting.run_id} {waiting.digest[:16]}",
        "kind": "waiting",
        "type": "run.waiting",
        "at": at.isoformat(),
        "run": waiting.run_id,
        "target": waiting.target,
        "environment": waiting.environment,
        "title": waiting.title,
        "lines": list(waiting.lines),
        "asked_by": waiting.asked_by,
        "digest": waiting.digest,
        "says": list(waiting.statements()),
        "until": waiting.until.isoformat(),
        "otherwise": waiting.otherwise,
        "next_step": _command(waiting),
    }


def message_of_waiting(waiting: Waiting) -> Block:
    """For Slack: what exactly is asked, and what happens if nobody answers."""
    asks = "Which way?" if waiting.choices else "Approve?"
    blocks = [
        header(f"{asks} {waiting.title}"),
        section("\n".join(plain(line, 300) for line in waiting.lines[:_LINES_MAX]) or "–"),
        *([section(_choices(waiting))] if waiting.choices else []),
        section(f"*If nobody answers* by {_time(waiting.until)}: {plain(waiting.otherwise)}"),
        context(
            f"{waiting.target}/{waiting.environment}, run {waiting.run_id}, asked for by "
            f"{waiting.asked_by}",
            f"digest {waiting.digest}",
            f"on the command line: {_command(waiting)}",
        ),
    ]
    return {"text": plain(f"{asks} {waiting.title}"), "blocks": blocks}


def buttons_of_waiting(waiting: Waiting) -> Block:
    """One for each thing that can be said; each holds the whole statement, digest and all."""
    return {
        "type": "actions",
        "elements": [
            button(
                word.capitalize(), f"gameday:{word}"[:255], spelt(said), style=_STYLES.get(word, "")
            )
            for word, said in waiting.statements().items()
        ],
    }


def message_of_answer(word: Word, found: str) -> Block:
    """What stands in place of the buttons once somebody has pressed one."""
    what = word.statement.answer or word.statement.says
    text = (
        f"{what} by {word.by}, {word.how}, {_time(word.at)}. Run {word.statement.run_id}: {found}"
    )
    return {"replace_original": True, "text": plain(text), "blocks": [section(plain(text))]}


def message_of_no(run_id: str, why: str, next_step: str) -> Block:
    """For whoever has pressed a button that counts for nothing; the message stays as it is."""
    text = f"Not counted for run {run_id}: {why}" + (f" ({next_step})" if next_step else "")
    blocks = [section(plain(text))]
    only_them = {"response_type": "ephemeral", "replace_original": False}
    return {**only_them, "text": plain(text), "blocks": blocks}


def message_of_say(run_id: str, say: str, where: str) -> Block:
    """A sentence of a runbook. where: target and environment."""
    blocks = [section(plain(say)), context(f"{where}, run {run_id}")]
    return {"text": plain(say), "blocks": blocks}


def spelt(statement: Statement) -> str:
    """A statement as a button's value holds it."""
    return statement.model_dump_json(exclude_defaults=True)


def _choices(waiting: Waiting) -> str:
    return "\n".join(f"*{plain(name)}*  {plain(then)}" for name, then in waiting.choices.items())


def _command(waiting: Waiting) -> str:
    if waiting.choices:
        return f"gameday approve {waiting.run_id} --answer {next(iter(waiting.choices))}"
    return f"gameday approve {waiting.run_id}"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
