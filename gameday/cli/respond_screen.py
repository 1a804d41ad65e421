"""What a person sees while a runbook is played: each item once, as it begins and as it ends."""

import sys
from datetime import datetime
from typing import IO

from rich.console import Console
from rich.text import Text

from gameday.domain.runbook_record import Played, RunbookRecord
from gameday.domain.runbook_request import Mode, RunbookRequest
from gameday.domain.waiting import Waiting

_LABEL = 12


class RespondScreen:
    """Prints lines, and none of them twice."""

    def __init__(self, out: IO[str] | None = None) -> None:
        self._console = Console(file=out or sys.stdout, highlight=False, soft_wrap=True)
        self._said: set[str] = set()

    def say(self, line: str) -> None:
        # Text(), never markup: a sentence may quote what a model or a file said.
        if line not in self._said:
            self._said.add(line)
            self._console.print(Text(line))

    def head(self, request: RunbookRequest) -> None:
        book, where = request.runbook, f"{request.target.target}/{request.environment}"
        self.say(f"{book.runbook}   {book.title}")
        dry = " · dry run: nothing is changed" if request.mode is Mode.DRY_RUN else ""
        incident = f" · {request.incident}" if request.incident else ""
        self.say(f"run {request.run_id} · {where}{incident}{dry}\n")

    def show(self, record: RunbookRecord) -> None:
        for played in record.played:
            number = f"{played.item:<{_LABEL}}"
            self.say(f"  {number} {_time(played.asked_at)}  {played.words}")
            if played.ended_at is not None:
                leads = f"  -> {played.leads_to}" if played.leads_to else ""
                self.say(f"  {'':<{_LABEL}} {_time(played.ended_at)}  {_what(played)}{leads}")
        for undone in record.undone:
            how = f"NOT put back: {undone.failed}" if undone.failed else "put back, and read back"
            self.say(f"  {'undo':<{_LABEL}} {_time(undone.asked_at)}  {undone.on} {how}")

    def ask(self, waiting: Waiting) -> None:
        """What people are asked for, until when, and what happens if nobody answers."""
        self.say(f"  {'waits':<{_LABEL}} {waiting.title}")
        for line in waiting.lines:
            self.say(f"  {'':<{_LABEL}} {line}")
        for choice in waiting.choices or ("",):
            answer = f" --answer {choice}" if choice else ""
            self.say(f"  {'':<{_LABEL}} gameday approve {waiting.run_id}{answer}")
        self.say(f"  {'':<{_LABEL}} if nobody does by {_time(waiting.until)}: {waiting.otherwise}")

    def end(self, record: RunbookRecord) -> None:
        outcome = (record.outcome or "unknown").upper()
        self.say(f"\n{outcome}   {record.sentence}")
        self.say(f"\n  record   {record.request.folder}/runbook.json")


def _what(played: Played) -> str:
    return f"{played.answer}: {played.reason}" if played.reason else played.answer


def _time(at: datetime) -> str:
    return f"{at:%H:%M:%S}"
