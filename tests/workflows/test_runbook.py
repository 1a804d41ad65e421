"""A runbook's own decisions: where answers lead, who must say yes, and what is put back when."""

import asyncio

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.worker import Replayer

from gameday.domain.progress import Approval
from gameday.domain.runbook import Runbook
from gameday.domain.runbook_record import RunbookRecord
from gameday.domain.runbook_request import Mode
from gameday.domain.waiting import Waiting
from gameday.supervisor.hiding import DATA_CONVERTER
from tests.workflows.played import Incident, at_work, playing, start_of
from tests.workflows.test_drill import until
from workflows.runbook import RunbookWorkflow

QUALITY = {"ask": "envelope", "name": "quality", "answers": {"inside": "well", "otherwise": "what"}}
WHAT = {
    "ask": "ledger_diff",
    "name": "what",
    "answers": {"model": "pin", "prompt": "prompt", "otherwise": "people"},
}
PROMPT = {"do": "revert_prompt", "name": "prompt", "on": "component/prompt", "then": "again"}
PIN = {
    "do": "pin_model",
    "name": "pin",
    "on": "component/model",
    "approvals": 1,
    "approve_within": "15m",
    "nobody": "people",
    "then": "again",
}
AGAIN = {
    "ask": "envelope",
    "name": "again",
    "answers": {"inside": "well", "otherwise": "undo_all"},
}
PEOPLE = {
    "do": "ask_person",
    "name": "people",
    "question": "What now?",
    "within": "15m",
    "choices": {"safe": "off", "leave": "end"},
    "nobody": "off",
}
OFF = {
    "do": "disable_tool",
    "name": "off",
    "on": "component/tools",
    "tool": "orders",
    "then": "end",
}
WELL = {"do": "notify", "name": "well", "say": "All is well"}
USUAL = (QUALITY, WHAT, PROMPT, PIN, AGAIN, PEOPLE, OFF, WELL)


def book(*play) -> Runbook:
    return Runbook.model_validate(
        {"runbook": "model-regressed", "title": "Worse", "purpose": "Mend it.", "play": play}
    )


async def played(environment, here: Incident, *play, mode=Mode.LIVE) -> RunbookRecord:
    async with playing(environment, here, start_of(book(*(play or USUAL)), mode)) as run:
        return await run.result()


def one_of(record: RunbookRecord, item: str):
    return [one for one in record.played if one.item == item][-1]


async def test_the_way_from_an_alarm_to_well_again(hurried_temporal):
    here = Incident(envelope=["outside", "inside"], ledger_diff=["model"])
    here.approves = {"dana"}
    record = await played(hurried_temporal, here)
    assert [call for call in here.calls if call != "heard"] == [
        "ask envelope", "ask ledger_diff", "act pin_model", "ask envelope", "errand notify",
    ]  # fmt: skip
    assert (record.outcome, record.sentence) == (
        "resolved",
        "again says inside: envelope is inside",
    )
    assert [(one.item, one.answer, one.leads_to) for one in record.played] == [
        ("quality", "outside", "what"),
        ("what", "model", "pin"),
        ("pin", "done", "again"),
        ("again", "inside", "well"),
        ("well", "done", "end"),
    ]
    pin = one_of(record, "pin")
    assert pin.act == "BOOK-act-1"
    assert pin.asked_at <= pin.decided_at <= pin.called_at <= pin.verified_at
    assert [one.by for one in pin.approved_by] == ["dana"]
    assert here.record == record
    assert here.kept[-1].played == record.played


async def test_nothing_is_done_about_a_system_that_is_well(hurried_temporal):
    here = Incident(envelope=["inside"])
    record = await played(hurried_temporal, here)
    assert here.calls == ["ask envelope", "errand notify"]
    assert record.outcome == "resolved"


async def test_the_proposal_is_of_exactly_that_step(hurried_temporal):
    here = Incident(envelope=["outside", "inside"], ledger_diff=["model"])
    here.approves = {"dana"}
    record = await played(hurried_temporal, here)
    order = here.wanted["BOOK-act-1"].order
    assert order.proposal.steps == (order.step,)
    assert (order.proposal.approvals, order.proposal.incident) == (1, "INC-12")
    assert order.proposal.runbook_digest == book(*USUAL).digest
    assert one_of(record, "pin").proposal == order.proposal.digest


# People


async def test_a_step_waits_until_somebody_has_approved_exactly_that(temporal):
    here = Incident(envelope=["outside", "inside"], ledger_diff=["model"])
    async with playing(temporal, here, start_of(book(*USUAL))) as run:
        waiting = await waited_for(run)
        assert (waiting.run_id, waiting.otherwise) == ("BOOK", "it goes on with people")
        assert waiting.proposal.digest == waiting.digest
        assert not [call for call in here.calls if call.startswith("act")]
        here.approves = {"dana"}
        await run.execute_update(
            RunbookWorkflow.approve, Approval(by="dana", plan_digest=waiting.digest)
        )
        record = await run.result()
    pin = one_of(record, "pin")
    assert [(one.by, one.how) for one in pin.approved_by] == [("dana", "known by key")]
    assert record.outcome == "resolved"


async def test_a_message_that_somebody_has_approved_opens_nothing(temporal):
    """Only what the injector has heard counts, however the workflow is woken."""
    here = Incident(envelope=["outside", "inside"], ledger_diff=["model"])
    async with playing(temporal, here, start_of(book(*USUAL))) as run:
        waiting = await waited_for(run)
        for digest in (waiting.digest, "0" * 64):
            await run.execute_update(
                RunbookWorkflow.approve, Approval(by="mallory", plan_digest=digest)
            )
        await until(lambda: "heard" in here.calls)
        assert (await waited_for(run)).digest == waiting.digest
        assert not [call for call in here.calls if call.startswith("act")]
        await run.signal(RunbookWorkflow.abort, "ada")
        await run.result()


async def test_nobody_approves_and_nobody_answers_the_declared_default(hurried_temporal):
    here = Incident(envelope=["outside"], ledger_diff=["model"])
    record = await played(hurried_temporal, here)
    assert [one.item for one in record.played] == ["quality", "what", "pin", "people", "off"]
    assert one_of(record, "pin").reason == "not enough people approved it within 900 s"
    assert one_of(record, "people").reason == "nobody answered within 900 s"
    assert [call for call in here.calls if call.startswith("act")] == ["act disable_tool"]
    assert record.outcome == "handed_over"


async def test_one_no_is_enough(hurried_temporal):
    here = Incident(envelope=["outside"], ledger_diff=["model"])
    here.denies, here.chooses = "eve", "leave"
    record = await played(hurried_temporal, here)
    assert one_of(record, "pin").answer == "refused"
    assert one_of(record, "pin").reason == "eve has denied it"
    assert not [call for call in here.calls if call.startswith("act")]


async def test_people_choose(hurried_temporal):
    here = Incident(envelope=["outside"], ledger_diff=["unknown"])
    here.chooses = "leave"
    record = await played(hurried_temporal, here)
    asked = one_of(record, "people")
    assert (asked.answer, asked.reason, asked.leads_to) == ("leave", "dana chose it", "end")
    assert record.outcome == "handed_over"


# What does not work


async def test_a_step_that_does_not_take_effect_is_put_back_and_all_before_it_in_reverse(
    hurried_temporal,
):
    here = Incident(envelope=["outside"], ledger_diff=["prompt"])
    here.fails = {"disable_tool"}
    record = await played(
        hurried_temporal,
        here,
        PROMPT | {"to": "v1", "then": None},
        PIN | {"approvals": 0, "nobody": None, "then": None},
        OFF | {"attempts": 2, "within": "20s"},
    )
    calls = [call for call in here.calls if not call.startswith("ask")]
    assert calls == [
        "act revert_prompt", "act pin_model", "act disable_tool", "act disable_tool",
        "undo disable_tool", "undo disable_tool", "undo pin_model", "undo revert_prompt",
    ]  # fmt: skip
    assert record.outcome == "handed_over"
    assert "it did not take effect: it still reads as before" in record.sentence
    assert [one.act for one in record.undone] == [
        "BOOK-act-4", "BOOK-act-3", "BOOK-act-2", "BOOK-act-1",
    ]  # fmt: skip
    assert record.changed == ()


async def test_what_follows_a_failed_step_where_the_runbook_says_it(hurried_temporal):
    here = Incident()
    here.fails = {"pin_model"}
    pin = PIN | {"approvals": 0, "nobody": None, "then": None, "within": "5s", "if_not": "off"}
    record = await played(hurried_temporal, here, pin, WELL, OFF)
    assert [one.item for one in record.played] == ["pin", "off"]
    assert here.calls[-3:] == ["act pin_model", "undo pin_model", "act disable_tool"]


async def test_an_effect_that_takes_its_time_is_waited_for(hurried_temporal):
    here = Incident()
    here.slow = {"disable_tool": 3}
    record = await played(hurried_temporal, here, OFF)
    assert one_of(record, "off").answer == "done"
    assert not record.undone


async def test_what_cannot_be_put_back_is_dirty(hurried_temporal):
    here = Incident(envelope=["outside"])
    here.stays = {"disable_tool"}
    record = await played(hurried_temporal, here, OFF | {"then": "again"}, AGAIN, WELL)
    assert record.outcome == "dirty"
    assert record.sentence == ("component/tools was not put back: somebody else has changed it")
    assert [one.act for one in record.changed] == ["BOOK-act-1"]


async def test_what_did_not_help_is_undone(hurried_temporal):
    here = Incident(envelope=["outside"])
    record = await played(hurried_temporal, here, OFF | {"then": "again"}, AGAIN, WELL)
    assert here.calls == ["act disable_tool", "ask envelope", "undo disable_tool"]
    assert (record.outcome, record.sentence) == (
        "undone",
        "it did not help; 1 changes were put back",
    )


async def test_a_refusal_touches_nothing_and_undoes_nothing(hurried_temporal):
    here = Incident()
    here.refuses = {"pin_model": "the policy has no rule for it"}
    pin = PIN | {"approvals": 0, "nobody": None, "then": None}
    record = await played(hurried_temporal, here, OFF | {"then": None}, pin)
    assert here.calls == ["act disable_tool"]
    assert record.outcome == "handed_over"
    assert record.sentence == "pin: the policy has no rule for it"


async def test_an_answer_that_nobody_could_give_never_resolves(hurried_temporal):
    here = Incident(envelope=["unknown"])
    record = await played(
        hurried_temporal, here, QUALITY | {"answers": {"otherwise": "well"}}, WELL
    )
    assert record.outcome == "handed_over"
    assert record.sentence == "nothing has shown that the system is well; people go on"


async def test_a_change_after_the_last_good_answer_is_not_known_to_be_well(hurried_temporal):
    here = Incident(envelope=["inside"])
    record = await played(hurried_temporal, here, QUALITY | {"answers": {}}, OFF)
    assert record.outcome == "handed_over"


async def test_a_worker_that_died_is_followed_by_the_same_act(hurried_temporal):
    here = Incident()
    here.lost = {"disable_tool"}
    record = await played(hurried_temporal, here, OFF)
    assert here.calls == ["act disable_tool", "again disable_tool"]
    assert len(here.wanted) == 1
    assert one_of(record, "off").answer == "done"


async def test_before_is_the_version_that_a_question_has_found(hurried_temporal):
    here = Incident(ledger_diff=["prompt"])
    here.before = {"prompt": "support-v4"}
    asks = WHAT | {"answers": {}}
    await played(hurried_temporal, here, asks, PROMPT | {"then": None})
    assert here.wanted["BOOK-act-1"].order.step.settings == {"to": "support-v4"}


async def test_before_is_nothing_where_nobody_has_told_it(hurried_temporal):
    here = Incident()
    record = await played(hurried_temporal, here, PROMPT | {"to": "before", "then": None})
    assert here.calls == []
    assert one_of(record, "prompt").answer == "failed"
    assert "no question has told what component/prompt was" in record.sentence


# A dry run, and an end from outside


async def test_a_dry_run_asks_and_changes_nothing(hurried_temporal):
    here = Incident(envelope=["outside"], ledger_diff=["model"])
    record = await played(hurried_temporal, here, mode=Mode.DRY_RUN)
    assert here.calls == ["ask envelope", "ask ledger_diff"]
    assert record.outcome == "shown"
    assert [(one.item, one.answer) for one in record.played] == [
        ("quality", "outside"), ("what", "model"), ("pin", "would_do"), ("again", "not_known"),
    ]  # fmt: skip
    assert one_of(record, "pin").reason == "nothing is known against it; 1 approval(s) first"
    assert "pin_model on component/model" in record.sentence


async def test_a_dry_run_asks_nobody(hurried_temporal):
    here = Incident(envelope=["outside"], ledger_diff=["unknown"])
    record = await played(hurried_temporal, here, mode=Mode.DRY_RUN)
    assert here.calls == ["ask envelope", "ask ledger_diff"]
    assert [one.item for one in record.played][-2:] == ["people", "off"]


async def test_a_stop_leaves_what_was_done_and_says_so(temporal):
    here = Incident(envelope=["outside"], ledger_diff=["model"])
    play = (OFF | {"then": None}, PIN | {"then": None, "nobody": None})
    async with playing(temporal, here, start_of(book(*play))) as run:
        await waited_for(run)
        said = await run.execute_update(RunbookWorkflow.abort_now, "dana")
        record = await run.result()
    assert record.outcome == "stopped"
    assert said == record.sentence
    assert said == (
        "dana stopped the runbook; what it changed stays: disable_tool on component/tools, "
        "tool orders"
    )
    assert not [call for call in here.calls if call.startswith("undo")]


async def test_what_alerts_tell_is_noted_once(temporal):
    here = Incident(envelope=["outside"], ledger_diff=["model"])
    told = {
        "alert": "Slow", "sender": "prom", "key": "1", "began_at": "2026-11-30T15:00:00Z",
        "received_at": "2026-11-30T15:00:01Z",
    }  # fmt: skip
    async with playing(temporal, here, start_of(book(*USUAL))) as run:
        await waited_for(run)
        for firing in (True, True, False):
            await run.signal("alerted", told | {"firing": firing})
        await run.execute_update(RunbookWorkflow.abort_now, "dana")
        record = await run.result()
    alerts = [one.facts["firing"] for one in record.events if one.what == "alerted"]
    assert alerts == [True, False]


async def test_a_wait_ends_when_its_question_is_answered_so(hurried_temporal):
    here = Incident(slo=["missed", "missed", "met"])
    wait = {
        "do": "wait_until", "name": "settle", "question": {"ask": "slo", "slo": "availability"},
        "is": ["met"], "within": "5m",
    }  # fmt: skip
    record = await played(hurried_temporal, here, wait)
    assert here.calls == ["ask slo"] * 3
    assert one_of(record, "settle").answer == "done"
    here = Incident(slo=["missed"])
    record = await played(hurried_temporal, here, wait | {"within": "35s"})
    assert one_of(record, "settle").reason == "after 35 s still missed: slo is missed"
    assert record.outcome == "handed_over"


async def test_a_play_replays(hurried_temporal):
    here = Incident(envelope=["outside", "inside"], ledger_diff=["model"])
    here.approves = {"dana"}
    async with playing(hurried_temporal, here, start_of(book(*USUAL))) as run:
        await run.result()
        history = await run.fetch_history()
    replayer = Replayer(workflows=[RunbookWorkflow], data_converter=DATA_CONVERTER)
    await replayer.replay_workflow(history)


async def waited_for(run):
    for _ in range(400):
        if (waiting := await run.query("waiting", result_type=Waiting)) is not None:
            return waiting
        await asyncio.sleep(0.05)
    pytest.fail("it waits for nobody")


async def test_another_worker_goes_on_where_the_first_one_died(temporal):
    """While people are waited for: nothing twice, nothing lost."""
    here = Incident(envelope=["outside", "inside"], ledger_diff=["model"])
    async with playing(temporal, here, start_of(book(*USUAL))) as run:
        waiting = await waited_for(run)
        await until(lambda: "heard" in here.calls)
        await asyncio.sleep(0.5)  # else an activity is cut off, and missed only after 10 s
    here.approves = {"dana"}  # while no worker is up
    async with at_work(temporal, here):
        await run.execute_update(
            RunbookWorkflow.approve, Approval(by="dana", plan_digest=waiting.digest)
        )
        record = await run.result()
    assert record.outcome == "resolved"
    assert [call for call in here.calls if "pin" in call] == ["act pin_model"]
    assert list(here.wanted) == ["BOOK-act-1"]
    assert [call for call in here.calls if call.startswith("ask")] == [
        "ask envelope", "ask ledger_diff", "ask envelope",
    ]  # fmt: skip


async def test_what_nobody_foresaw_is_told_with_what_stays(hurried_temporal):
    here = Incident(envelope=["outside"], ledger_diff=["unknown"])
    start = start_of(
        book(OFF | {"then": None}, PEOPLE | {"choices": {"leave": "end"}, "nobody": "end"})
    )
    broken = start.request.model_copy(update={"pauses": {}})
    async with playing(hurried_temporal, here, start.model_copy(update={"request": broken})) as run:
        record = await run.result()
    assert record.outcome == "failed"
    assert record.sentence == (
        "it broke off: KeyError('people'); what it changed stays: disable_tool on "
        "component/tools, tool orders"
    )
    assert here.record == record


async def test_a_cancel_leaves_what_was_done_and_closes_the_record(temporal):
    here = Incident(envelope=["outside"], ledger_diff=["model"])
    async with playing(temporal, here, start_of(book(*USUAL))) as run:
        await waited_for(run)
        await run.cancel()
        with pytest.raises(WorkflowFailureError):
            await run.result()
    assert here.record.outcome == "stopped"
    assert here.record.sentence.startswith("it was cancelled through Temporal")
