"""What every registered check must keep, whoever wrote it; a newcomer is tested unasked."""

import inspect
from dataclasses import replace
from typing import Any

import pytest

from gameday.catalog.kinds import checks, scorers
from gameday.domain.check import Check, Finding, Seen
from gameday.domain.drill import CheckSpec
from gameday.domain.errors import FileError
from gameday.domain.scorer import Answered
from gameday.domain.verdict import Held
from gameday.domain.window import Window
from tests.gameday.checks import test_plan_finds
from tests.gameday.checks.staged import (
    BY_PRIMARY,
    BY_SECONDARY,
    EDIT,
    FAILED,
    LAST_TURN,
    RESPONSE,
    baseline,
    faulted,
    left,
    planned,
    recovered,
    responded,
    seen,
    transition,
    without,
)
from tests.gameday.faults.judged import record

KINDS = dict(checks.kinds())
# A check whose settings cannot be guessed says here what an author might write.
WRITTEN: dict[str, dict[str, Any]] = {
    "alerted": {"name": "AssistantErrors", "within": "20s"},
    "amplification": {},
    "canary_stops": {"model": "marlin", "within": "20s"},
    "change_logged": {},
    "changed": {"within_requests": 120},
    "complete_answers": {"sentinel": "[.!?]"},
    "conversations_recover": {"margin": 0.1},
    "cost_per_success": {"at_most": "1.5x baseline"},
    "cut_in_flight": {},
    "documents_are_data": {"documents": ["refunds.md"], "says": "HALYARD-7", "tools": ["issue_*"]},
    "envelope": {"suite": "support", "margin": 0.1},
    "deadline": {"at_most": "2s"},
    "fails_back": {"within": "20s"},
    "fails_closed": {"says": ["could not find"]},
    "fallback": {"to": "secondary", "within": "2s"},
    "fallback_semantics": {"order": ["primary", "secondary"]},
    "headroom": {"provider": "secondary", "peak": "20/s"},
    "holds_up_to": {"name": "availability", "rate": "20/s"},
    "plan_finds": {"culprits": ["corpus"], "reverts_at_most": 1},
    "recovered_within": {"objective": "60s"},
    "rolled_back_within": {
        "detected": "30s",
        "decided": "5s",
        "called": "5s",
        "first_good": "10s",
        "all_good": "20s",
    },
    "slo": {"name": "availability"},
    "unchanged": {},
    "zombie_calls": {},
}
WINDOWS = ("baseline", "faulted", "responded", "recovered", "transition", "left")
NAMELESS = {
    provider: tuple(call.model_copy(update={"request_id": ""}) for call in calls)
    for provider, calls in seen().calls.items()
}
RUNS = {
    "a good day": seen(),
    "nobody answers": seen(
        faulted(lambda _: FAILED),
        responded(lambda _: FAILED),
        recovered(lambda _: FAILED),
        response=RESPONSE,
    ),
    "never rolled back": seen(responded(lambda _: BY_PRIMARY), response=RESPONSE),
    "nothing happens": seen(faulted(lambda _: BY_PRIMARY)),
    "never back": seen(recovered(lambda _: BY_SECONDARY)),
    "no gate": seen(calls={}),
    "gates that tell nobody apart": seen(calls=NAMELESS),
    "one of each": seen(baseline(n=1), faulted(n=1), recovered(n=1), transition(), left()),
    "not put back": without(seen(restore=None), "recovered"),
    "nothing seen": without(seen(restore=None), *WINDOWS),
}


# Of a check that judges what a response does: a good day has one.
GOOD_DAYS = {
    "canary_stops": seen(
        responded(lambda i: BY_SECONDARY | {"quality": i % 2} if i < 200 else BY_PRIMARY)
    ),
    "change_logged": seen(faults=(EDIT,)),
    "conversations_recover": seen(baseline(lambda _: LAST_TURN), recovered(lambda _: LAST_TURN)),
    "plan_finds": test_plan_finds.run("corpus", during=("retrieval",)),
    "rolled_back_within": seen(responded(), response=RESPONSE),
    "unchanged": seen(faulted(lambda _: BY_PRIMARY)),  # where nothing falls back, nothing changes
    # At a gate that has changed something for every request.
    "fails_closed": seen(
        faults=(
            record(gate_at_clear={"request_ids": [one.request_id for one in faulted().samples]}),
        )
    ),
}


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


def made(kind: str) -> Check:
    return checks.make(CheckSpec(kind=kind, settings=WRITTEN[kind]))


def judged(kind: str, run: str) -> Finding:
    return made(kind).judge(RUNS[run])


def good_day(kind: str) -> Seen:
    return GOOD_DAYS.get(kind, RUNS["a good day"])


def test_the_first_twelve_are_there():
    assert set(WRITTEN) <= set(KINDS)


def test_it_says_what_it_is(kind):
    assert checks.summary(kind).endswith(".")
    assert "\n" not in checks.summary(kind)
    assert inspect.getdoc(KINDS[kind]) != inspect.getdoc(Check)


@pytest.mark.parametrize("run", RUNS)
def test_it_answers_in_one_sentence_and_always_the_same(kind, run):
    finding = judged(kind, run)
    assert finding == judged(kind, run)
    assert finding.reason
    assert "\n" not in finding.reason
    assert not finding.reason.endswith(".")  # it stands beside yes or no, and in lists
    assert "None" not in finding.reason
    assert "nan" not in finding.reason.lower().split()


def test_it_holds_on_a_good_day(kind):
    finding = made(kind).judge(good_day(kind))
    assert finding.held is Held.YES
    assert any(character.isdigit() for character in finding.reason)


def test_without_evidence_it_is_unknown(kind):
    assert judged(kind, "nothing seen").held is Held.UNKNOWN


def test_windows_without_a_sample_are_no_evidence(kind):
    run = good_day(kind)
    empty = {name: replace(window, samples=()) for name, window in run.windows.items()}
    assert made(kind).judge(replace(run, windows=empty)).held is Held.UNKNOWN


def test_long_windows_can_decide_and_none_can_without_time(kind):
    check = made(kind)
    responds = {"responded": 3600.0} if kind in GOOD_DAYS else {}
    assert check.cannot_decide(planned(**responds, hang_up_share=0.2)) == ""
    if kind in {
        "change_logged",
        "cost_per_success",
        "cut_in_flight",
    }:  # no window is too short for these
        return
    sentence = check.cannot_decide(
        planned(
            baseline=0.5,
            faulted=0.5,
            recovered=0.5,
            **dict.fromkeys(responds, 0.5),
            hang_up_share=0.2,
        )
    )
    assert any(character.isdigit() for character in sentence)
    assert "window" in sentence


def test_its_kind_is_its_file_name(kind):
    assert KINDS[kind].__module__.rpartition(".")[2] == kind


def test_its_settings_have_a_schema_and_hide_no_key_of_the_entry(kind):
    schema = KINDS[kind].model_json_schema()
    assert schema["additionalProperties"] is False
    assert not {"kind", "settings"} & set(schema["properties"])


def test_what_it_asks_to_be_scored_can_be_scored(kind):
    for name, spec in made(kind).seals().items():
        assert name
        answered = Answered("Within 30 days.", tool_calls=(), sources=())
        assert 0.0 <= scorers.make(spec).score(answered) <= 1.0


def test_an_unknown_setting_is_refused(kind):
    with pytest.raises(FileError, match="unknown key 'witin'"):
        checks.make(CheckSpec(kind=kind, settings={**WRITTEN[kind], "witin": "2s"}))


def test_it_is_a_value(kind):
    check = made(kind)
    assert check == made(kind)
    assert type(check).model_validate_json(check.model_dump_json()) == check


def test_the_windows_are_real():
    assert all(isinstance(one, Window) for run in RUNS.values() for one in run.windows.values())
