"""Builds records of runbooks as runs of them would leave them; made up."""

from datetime import timedelta
from typing import Any

from gameday.domain.incident import Incident
from gameday.domain.record import Event
from gameday.domain.runbook import Runbook
from gameday.domain.runbook_record import (
    Approved,
    Outcome,
    Played,
    RunbookRecord,
    Undone,
)
from gameday.domain.runbook_request import Mode, RunbookRequest
from tests.gameday.reporting.runs import at, make_target

RUNBOOK = Runbook.model_validate(
    {
        "runbook": "model-regressed",
        "title": "The answers got worse behind the same name",
        "purpose": "Put the model back that was good.",
        "play": [
            {"name": "what", "ask": "ledger_diff",
             "answers": {"prompt": "back", "otherwise": "hand_over"}},
            {"name": "back", "do": "revert_prompt", "on": "component/prompt", "to": "before",
             "approvals": 1, "nobody": "hand_over"},
            {"name": "again", "ask": "envelope",
             "answers": {"inside": "end", "otherwise": "undo_all"}},
            {"name": "hand_over", "do": "ask_person", "question": "Off?", "within": "15m",
             "choices": {"off": "end"}, "nobody": "end"},
        ],
    }
)  # fmt: skip
PROMPT: dict[str, Any] = {"component": "prompt", "before": "support-v3", "now": "support-v4"}
PLAN = {
    "steps": [{"changed": PROMPT, "chance": 0.8, "reason": "shows in every group"}],
    "left": [{"changed": PROMPT | {"component": "corpus"}, "chance": 0.01, "reason": "as before"}],
}
ASKED = Played(
    item="what", sort="question", kind="ledger_diff", words="which component has changed?",
    asked_at=at(5), decided_at=at(9), ended_at=at(9), answer="prompt",
    reason="prompt, from support-v3 to support-v4: shows in every group", evidence=PLAN,
    leads_to="back",
)  # fmt: skip
REVERTED = Played(
    item="back", sort="step", kind="revert_prompt", on="component/prompt",
    words="puts component/prompt back to what was before", asked_at=at(9), decided_at=at(100),
    called_at=at(100), verified_at=at(101), ended_at=at(101), answer="done", attempts=2,
    reason="it read back", proposal="d" * 64, act="RUN1-act-1", before="a" * 64, after="b" * 64,
    approved_by=(Approved(by="dana", at=at(99), how="key 3f2a"),), leads_to="again",
)  # fmt: skip
INSIDE = Played(
    item="again", sort="question", kind="envelope", words="are the answers inside?",
    asked_at=at(101), ended_at=at(130), answer="inside", reason="+0 points, margin 10",
    leads_to="end",
)  # fmt: skip
INCIDENT = Incident(
    id="INC-12", target="lab", environment="lab", since=at(-100), source="AssistantWorse",
    what="Answers got worse", alerts=("watch w1",), run="RUN1",
)  # fmt: skip
ALERTED = Event(
    author="workflow", seq=0, at=at(1), what="alerted",
    facts={"alert": "AssistantWorse", "sender": "watch", "firing": True},
)  # fmt: skip


def make_played(*played: Played, mode: Mode = Mode.LIVE, **changes: Any) -> RunbookRecord:
    request = RunbookRequest(
        run_id="RUN1",
        runbook=RUNBOOK,
        digest="e" * 64,
        mode=mode,
        target=make_target(),
        environment="lab",
        target_file="gameday.yaml",
        suite_file="suites/support.yaml",
        folder="runs/RUN1",
        requested_by="alert:watch",
        incident="INC-12",
        sorts={"what": "question", "back": "step", "again": "question", "hand_over": "wait"},
    )
    fields: dict[str, Any] = {
        "request": request,
        "started_at": at(0),
        "ended_at": at(131),
        "outcome": Outcome.RESOLVED,
        "sentence": "the answers are inside again",
        "played": played or (ASKED, REVERTED, INSIDE),
        "events": (ALERTED,),
        **changes,
    }
    return RunbookRecord(**fields)


def undone_run(failed: str = "") -> RunbookRecord:
    """The answers stayed worse, so that what was changed was put back."""
    outside = INSIDE.model_copy(
        update={"answer": "outside", "reason": "-30 points, margin 10", "leads_to": "undo_all"}
    )
    back = Undone(
        item="back", act="RUN1-act-1", on="component/prompt", asked_at=at(131),
        verified_at=None if failed else at(132), failed=failed,
    )  # fmt: skip
    return make_played(
        ASKED, REVERTED, outside, undone=(back,), sentence="it did not help",
        outcome=Outcome.DIRTY if failed else Outcome.UNDONE,
    )  # fmt: skip


def unanswered_run() -> RunbookRecord:
    """Nobody can tell what changed, and nobody answers."""
    unknown = ASKED.model_copy(
        update={"answer": "unknown", "reason": "the ledger has no line", "leads_to": "hand_over",
                "evidence": {}}
    )  # fmt: skip
    alone = Played(
        item="hand_over", sort="wait", kind="ask_person", words="asks people: Off?", asked_at=at(9),
        ended_at=at(9) + timedelta(minutes=15), answer="nobody", leads_to="end",
    )  # fmt: skip
    return make_played(
        unknown, alone, outcome=Outcome.HANDED_OVER, sentence="nobody answered", events=()
    )
