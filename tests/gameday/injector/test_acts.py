"""Steps that stay: carried out once, read back, kept through crashes, and put back only by name."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gameday.domain.act import ActOrder, ActState
from gameday.domain.drill import StepSpec
from gameday.domain.errors import InjectorRefusedError, InjectorUnreachableError
from gameday.domain.lease import ClearedBy, FaultState
from gameday.domain.policy import Policy
from gameday.domain.proposal import Proposal
from gameday.domain.respond_rule import RespondRule
from gameday.domain.statement import Says, Statement, Word
from gameday.injector.clock import utc_now
from gameday.injector.journal import read_journal
from gameday.injector.refusal import Why
from gameday.injector.segment import segment
from tests.gameday.injector.bench import ALLOW, Bench, full_disk, refused
from tests.gameday.injector.test_act import OneShelf
from tests.gameday.injector.test_act import step as drill_step
from tests.gameday.steps.kept import Shelf

PIN = StepSpec(kind="pin_model", on="component/model", settings={"to": "previous"})
OLD, NEW = "heron-4", "heron-4-2026-08"


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def bench(tmp_path: Path, shelf: Shelf) -> Bench:
    return Bench(tmp_path, others={"component": OneShelf(shelf)})


def order(step: StepSpec = PIN, **changed: Any) -> ActOrder:
    fields: dict[str, Any] = {
        "run_id": "7Q2K",
        "mode": "live",
        "target": "lab",
        "environment": "local",
        "runbook": "model-regressed",
        "runbook_digest": "ab" * 32,
        "steps": (step,),
        "asked_by": "ada",
        "incident": "INC-12",
        "expires_at": utc_now() + timedelta(minutes=10),
    }
    return ActOrder(proposal=Proposal(**(fields | changed)), step=step)


def approve(bench: Bench, wanted: ActOrder, by: str, at: datetime | None = None) -> None:
    said = Statement(says=Says.APPROVE, digest=wanted.proposal.digest, run_id="7Q2K")
    bench.keeper.hear(Word(statement=said, by=by, at=at or utc_now()))


# --- carried out ----------------------------------------------------------------------------------


async def test_carried_out_once_and_read_back(bench: Bench, shelf: Shelf):
    wanted = order()
    record = await bench.acts.carry_out("a1", wanted)
    assert (record.state, record.problem, shelf.value) == (ActState.DONE, "", NEW)
    assert (record.to, record.incident, record.asked_by) == (NEW, "INC-12", "ada")
    assert record.proposal_digest == wanted.proposal.digest
    assert record.allowed_by == "policy 'tests', rule 1 of respond: unattended"
    assert record.before is not None
    assert record.after is not None
    assert (record.before.label, record.after.label) == (OLD, NEW)
    assert record.before.digest != record.after.digest
    assert await bench.acts.carry_out("a1", wanted) == record
    assert shelf.changes == [NEW]
    assert bench.acts.acts("7Q2K") == [record]
    assert bench.acts.acts("OTHER") == []


async def test_five_at_once_with_one_id_are_one_call(bench: Bench, shelf: Shelf):
    wanted = order()
    records = await asyncio.gather(*(bench.acts.carry_out("a1", wanted) for _ in range(5)))
    assert len({record.model_dump_json() for record in records}) == 1
    assert shelf.changes == [NEW]


async def test_an_id_means_one_order(bench: Bench):
    await bench.acts.carry_out("a1", order())
    other = order(incident="INC-13")
    await refused(bench.acts.carry_out("a1", other), Why.CONFLICT, "a1 is on record, as another")


async def test_the_intent_and_the_way_back_are_on_disk_before_the_call(
    bench: Bench, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
):
    seen: list[Any] = []
    put = type(shelf.kept().backend).put

    async def watched(self: Any, value: Any, before: Any) -> None:
        kept = read_journal(bench.path).acts["a1"]
        seen.append((kept.open, kept.undo, kept.order.step))
        await put(self, value, before)

    monkeypatch.setattr(type(shelf.kept().backend), "put", watched)
    await bench.acts.carry_out("a1", order())
    assert seen == [(True, {"value": OLD}, PIN)]


async def test_a_full_disk_lets_nothing_be_called(
    bench: Bench, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
):
    full_disk(monkeypatch)
    await refused(bench.acts.carry_out("a1", order()), Why.NO_RECORD, "so nothing was called")
    assert (shelf.changes, bench.acts.acts()) == ([], [])


async def test_what_stands_there_already_is_not_called_nor_put_back(bench: Bench, shelf: Shelf):
    shelf.value = NEW
    record = await bench.acts.carry_out("a1", order())
    assert (record.state, record.already, shelf.changes) == (ActState.DONE, True, [])
    shelf.value = "somebody else's"
    assert (await bench.acts.undo("a1")).state is ActState.UNDONE
    assert shelf.value == "somebody else's"


async def test_a_mechanism_whose_answer_is_lost_is_read_back(bench: Bench, shelf: Shelf):
    shelf.deaf = True
    record = await bench.acts.carry_out("a1", order())
    assert record.state is ActState.DONE
    assert record.failed == "the shelf does not answer PUT"


async def test_a_mechanism_that_says_yes_and_does_nothing_is_found_out(bench: Bench, shelf: Shelf):
    shelf.stubborn = True
    record = await bench.acts.carry_out("a1", order())
    assert record.state is ActState.NOT_DONE
    assert record.problem == f"the shelf is {OLD}, not {NEW}"


async def test_a_change_that_takes_its_time_is_read_back_again(bench: Bench, shelf: Shelf):
    shelf.stubborn = True
    await bench.acts.carry_out("a1", order())
    shelf.value = NEW
    record = await bench.acts.verify("a1")
    assert (record.state, record.unverified) == (ActState.DONE, "")
    assert bench.acts.get("a1") == record
    assert len(shelf.changes) == 1


async def test_one_that_cannot_be_read_back_is_unknown(
    bench: Bench, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
):
    put = type(shelf.kept().backend).put

    async def then_dark(self: Any, value: Any, before: Any) -> None:
        await put(self, value, before)
        shelf.dark = True

    monkeypatch.setattr(type(shelf.kept().backend), "put", then_dark)
    record = await bench.acts.carry_out("a1", order())
    assert (record.state, record.after) == (ActState.UNKNOWN, None)
    assert record.problem == "it could not be read back: the shelf does not answer"
    shelf.dark = False
    assert (await bench.acts.verify("a1")).state is ActState.DONE


# --- refused before anything is touched ----------------------------------------------------------


async def test_nobody_answers_before_it_began_so_it_may_be_asked_again(bench: Bench, shelf: Shelf):
    shelf.dark = True
    with pytest.raises(InjectorUnreachableError, match="the shelf does not answer"):
        await bench.acts.carry_out("a1", order())
    assert bench.acts.acts() == []
    shelf.dark = False
    assert (await bench.acts.carry_out("a1", order())).state is ActState.DONE


EXPIRED = {"expires_at": utc_now() - timedelta(seconds=1)}


@pytest.mark.parametrize(
    ("changed", "why", "says"),
    [
        ({"target": "shop"}, Why.POLICY, "no rule under respond that allows pin_model on compon"),
        ({"environment": "production"}, Why.POLICY, "nothing is changed in production without"),
        ({"mode": "drill"}, Why.MALFORMED, "is a drill: its steps do not stay"),
        ({"mode": "dry_run"}, Why.MALFORMED, "is a dry run: its steps do not stay"),
        (EXPIRED, Why.POLICY, "was good until .* UTC; propose anew"),
        ({"approvals": 1}, Why.POLICY, r"needs 1 approval\(s\) of this exact plan, has 0"),
    ],
)
async def test_refused(bench: Bench, shelf: Shelf, changed: dict[str, Any], why: Why, says: str):
    await refused(bench.acts.carry_out("a1", order(**changed)), why, says)
    assert (shelf.changes, bench.acts.acts()) == ([], [])


@pytest.mark.parametrize(
    ("step", "why", "says"),
    [
        (StepSpec(kind="pin_modle", settings={}), Why.MALFORMED, "pin_model"),
        (PIN.model_copy(update={"settings": {"too": 1}}), Why.MALFORMED, "too"),
        (PIN.model_copy(update={"on": "component/prompt"}), Why.MALFORMED, "changes component/mo"),
        (PIN.model_copy(update={"settings": {"to": "heron-1"}}), Why.CONFLICT, "not to be had"),
    ],
)
async def test_a_step_that_cannot_work_is_refused(
    bench: Bench, shelf: Shelf, step: StepSpec, why: Why, says: str
):
    await refused(bench.acts.carry_out("a1", order(step)), why, says)
    assert (shelf.changes, bench.acts.acts()) == ([], [])


async def test_a_component_that_no_target_file_declares_is_refused(bench: Bench, shelf: Shelf):
    tool = StepSpec(kind="disable_tool", on="component/tools", settings={"tool": "orders"})
    with pytest.raises(InjectorRefusedError, match="knows no component lab/tools"):
        await bench.acts.carry_out("a1", order(tool))
    assert bench.acts.acts() == []


async def test_stopped_refuses_what_is_new_and_not_the_way_back(bench: Bench, shelf: Shelf):
    await bench.acts.carry_out("a1", order())
    await bench.keeper.stop()
    assert shelf.value == NEW, "a stop undoes no act"
    again = order(PIN.model_copy(update={"settings": {"to": OLD}}))
    await refused(bench.acts.carry_out("a2", again), Why.CONFLICT, "the injector is stopped")
    assert (await bench.acts.undo("a1")).state is ActState.UNDONE
    bench.keeper.resume()
    assert (await bench.acts.carry_out("a2", order())).state is ActState.DONE


async def test_a_stop_that_comes_while_it_is_looked_at_is_in_time(
    bench: Bench, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
):
    ready = type(shelf.kept().backend).ready

    async def slowly(self: Any, to: Any) -> str:
        await bench.keeper.stop()
        return await ready(self, to)

    monkeypatch.setattr(type(shelf.kept().backend), "ready", slowly)
    await refused(bench.acts.carry_out("a1", order()), Why.CONFLICT, "the injector is stopped")
    assert (shelf.changes, bench.acts.acts()) == ([], [])


async def test_what_a_drill_holds_is_left_to_it(bench: Bench, shelf: Shelf):
    await bench.keeper.arm("s1", drill_step())
    refusal = await refused(
        bench.acts.carry_out("a1", order()), Why.CONFLICT, "component/lab/model is held by the dri"
    )
    assert refusal.next_step == "gameday abort RUN1"
    await bench.keeper.clear("s1", ClearedBy.RESTORE)
    assert (await bench.acts.carry_out("a1", order())).state is ActState.DONE


# --- people, and how often ----------------------------------------------------------------------


async def test_two_approvals_are_two_other_people_of_this_very_proposal(bench: Bench, shelf: Shelf):
    wanted = order(approvals=2)
    for by in ("ada", "bob", "bob"):  # who asks is no second person, and one is not two
        approve(bench, wanted, by)
    await refused(bench.acts.carry_out("a1", wanted), Why.POLICY, "needs 2 approval.*, has 1")
    approve(bench, wanted, "eve")
    edited = order(approvals=2, expires_at=wanted.proposal.expires_at, incident="INC-13")
    await refused(bench.acts.carry_out("a1", edited), Why.POLICY, "needs 2 approval.*, has 0")
    assert shelf.changes == []
    record = await bench.acts.carry_out("a1", wanted)
    assert (record.state, record.approved_by) == (ActState.DONE, ("bob", "eve"))


async def test_the_policy_may_ask_for_more_than_the_runbook_and_never_for_less(
    bench: Bench,
):
    rule = RespondRule(target="lab", environment="local", on="*", kinds=("*",), approvals=1)
    bench.keeper.admission.policy = ALLOW.model_copy(update={"respond": (rule,)})
    assert (await bench.acts.outlook(order(approvals=0))).waits_for == 1
    assert (await bench.acts.outlook(order(approvals=2))).waits_for == 2
    await refused(bench.acts.carry_out("a1", order(approvals=0)), Why.POLICY, "needs 1 approval")


async def test_an_approval_grows_too_old(bench: Bench):
    rule = RespondRule(
        target="lab", environment="local", on="*", kinds=("*",), approved_within="60s"
    )
    bench.keeper.admission.policy = Policy(policy="p", respond=(rule,))
    wanted = order()
    approve(bench, wanted, "bob", at=utc_now() - timedelta(seconds=61))
    await refused(bench.acts.carry_out("a1", wanted), Why.POLICY, "has 0")
    approve(bench, wanted, "eve", at=utc_now() - timedelta(seconds=1))
    assert (await bench.acts.carry_out("a1", wanted)).approved_by == ("eve",)


async def test_a_no_stands_against_any_yes(bench: Bench, shelf: Shelf):
    wanted = order(approvals=1)
    approve(bench, wanted, "bob")
    said = Statement(says=Says.DENY, digest=wanted.proposal.digest, run_id="7Q2K")
    bench.keeper.hear(Word(statement=said, by="eve", at=utc_now()))
    await refused(bench.acts.carry_out("a1", wanted), Why.POLICY, "eve has said no to pin_model")
    assert shelf.changes == []


async def test_so_many_an_hour_also_across_a_restart(bench: Bench, shelf: Shelf):
    rule = RespondRule(
        target="lab", environment="local", on="*", kinds=("*",), approvals=0, per_hour=1
    )
    policy = Policy(policy="p", respond=(rule,))
    bench.keeper.admission.policy = policy
    await bench.acts.carry_out("a1", order())
    await bench.acts.undo("a1")
    bench.restart()
    bench.keeper.admission.policy = policy
    await refused(bench.acts.carry_out("a2", order()), Why.POLICY, "1 steps under this rule")
    assert (await bench.acts.outlook(order())).refusal.startswith("1 steps under this rule")
    assert shelf.value == OLD


# --- the way back -------------------------------------------------------------------------------


async def test_put_back_and_read_back(bench: Bench, shelf: Shelf):
    await bench.acts.carry_out("a1", order())
    record = await bench.acts.undo("a1")
    assert (record.state, shelf.value, record.undo_failed) == (ActState.UNDONE, OLD, "")
    assert record.after is not None
    assert record.after.label == OLD
    assert await bench.acts.undo("a1") == record
    assert await bench.acts.verify("a1") == record
    assert shelf.changes == [NEW, OLD]


async def test_what_others_have_changed_meanwhile_is_left_alone(bench: Bench, shelf: Shelf):
    await bench.acts.carry_out("a1", order())
    shelf.value = "theirs"
    record = await bench.acts.undo("a1")
    assert (record.state, shelf.value) == (ActState.DONE, "theirs")
    assert "theirs is left alone; decide who is right" in record.undo_failed
    shelf.value = NEW
    record = await bench.acts.undo("a1")
    assert (record.state, record.undo_failed, shelf.value) == (ActState.UNDONE, "", OLD)


async def test_several_acts_on_one_component_go_back_in_reverse_order(bench: Bench, shelf: Shelf):
    shelf.stocks.add("heron-3")
    await bench.acts.carry_out("a1", order())
    await bench.acts.carry_out("a2", order(PIN.model_copy(update={"settings": {"to": "heron-3"}})))
    assert (await bench.acts.undo("a1")).undo_failed, "a1's value is not there any more"
    assert shelf.value == "heron-3"
    for act_id in ("a2", "a1"):
        assert (await bench.acts.undo(act_id)).state is ActState.UNDONE
    assert shelf.value == OLD


async def test_of_an_unknown_act_nothing_is_told(bench: Bench):
    await refused(bench.acts.undo("a9"), Why.UNKNOWN, "no act a9")
    await refused(bench.acts.verify("a9"), Why.UNKNOWN, "no act a9")


# --- it stays -----------------------------------------------------------------------------------


async def test_neither_time_nor_a_restart_nor_an_end_undoes_it(bench: Bench, shelf: Shelf):
    record = await bench.acts.carry_out("a1", order())
    await bench.pass_time(1_000_000)
    assert await bench.keeper.end() == []
    bench.restart()
    assert await bench.keeper.recover() == []
    await bench.acts.recover()
    assert (bench.acts.get("a1"), shelf.value, shelf.changes) == (record, NEW, [NEW])
    bench.restart()  # from a journal that was made short
    assert bench.acts.get("a1") == record
    assert (await bench.acts.undo("a1")).state is ActState.UNDONE
    bench.restart()
    assert bench.acts.get("a1").state is ActState.UNDONE


class DiedError(BaseException):
    """As kill -9: nothing of the process goes on."""


def dies(monkeypatch: pytest.MonkeyPatch, shelf: Shelf, *, after_the_call: bool) -> None:
    put = type(shelf.kept().backend).put

    async def dying(self: Any, value: Any, before: Any) -> None:
        if after_the_call:
            await put(self, value, before)
        monkeypatch.setattr(type(shelf.kept().backend), "put", put)
        raise DiedError

    monkeypatch.setattr(type(shelf.kept().backend), "put", dying)


async def test_died_after_the_call_it_is_read_back_and_not_called_again(
    bench: Bench, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
):
    wanted = order()
    dies(monkeypatch, shelf, after_the_call=True)
    with pytest.raises(DiedError):
        await bench.acts.carry_out("a1", wanted)
    bench.restart()
    await bench.acts.recover()
    record = bench.acts.get("a1")
    assert (record.state, shelf.changes) == (ActState.DONE, [NEW])
    assert record.recovered == (
        "the injector died while it was carried out, and looked at it again since"
    )
    assert await bench.acts.carry_out("a1", wanted) == record
    assert shelf.changes == [NEW]


async def test_died_before_the_call_it_is_called_when_it_is_asked_for_again(
    bench: Bench, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
):
    wanted = order()
    dies(monkeypatch, shelf, after_the_call=False)
    with pytest.raises(DiedError):
        await bench.acts.carry_out("a1", wanted)
    bench.restart()
    await bench.acts.recover()
    assert (bench.acts.get("a1").state, shelf.changes) == (ActState.NOT_DONE, [])
    record = await bench.acts.carry_out("a1", wanted)
    assert (record.state, bool(record.recovered), shelf.changes) == (ActState.DONE, True, [NEW])
    assert (await bench.acts.undo("a1")).state is ActState.UNDONE
    assert shelf.value == OLD


async def test_asked_for_again_before_the_recovery_has_looked(
    bench: Bench, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
):
    wanted = order()
    dies(monkeypatch, shelf, after_the_call=True)
    with pytest.raises(DiedError):
        await bench.acts.carry_out("a1", wanted)
    bench.restart()
    assert (await bench.acts.carry_out("a1", wanted)).state is ActState.DONE
    assert shelf.changes == [NEW]


@pytest.mark.parametrize("after_the_call", [True, False])
async def test_died_on_the_way_back(
    bench: Bench, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, after_the_call: bool
):
    await bench.acts.carry_out("a1", order())
    dies(monkeypatch, shelf, after_the_call=after_the_call)
    with pytest.raises(DiedError):
        await bench.acts.undo("a1")
    bench.restart()
    await bench.acts.recover()
    record = bench.acts.get("a1")
    assert record.state is (ActState.UNDONE if after_the_call else ActState.DONE)
    assert "while it was undone" in record.recovered
    assert (await bench.acts.undo("a1")).state is ActState.UNDONE
    assert (shelf.value, shelf.changes) == (OLD, [NEW, OLD])


async def test_what_cannot_be_read_at_recovery_is_unknown_and_asked_later(
    bench: Bench, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
):
    dies(monkeypatch, shelf, after_the_call=True)
    with pytest.raises(DiedError):
        await bench.acts.carry_out("a1", order())
    shelf.dark = True
    bench.restart()
    await bench.acts.recover()
    record = bench.acts.get("a1")
    assert record.state is ActState.UNKNOWN
    assert "could not be read back: the shelf does not answer" in record.problem
    shelf.dark = False
    assert (await bench.acts.verify("a1")).state is ActState.DONE


# --- looking ahead, and what is told --------------------------------------------------------------


async def test_an_outlook_touches_nothing(bench: Bench, shelf: Shelf):
    dry = order(mode="dry_run", approvals=1)
    outlook = await bench.acts.outlook(dry)
    assert (outlook.refusal, outlook.already, outlook.approvals) == ("", False, 1)
    shelf.stocks.clear()
    assert "not to be had" in (await bench.acts.outlook(dry)).refusal
    shelf.value = NEW
    assert (await bench.acts.outlook(dry)).already
    shelf.dark = True
    assert (await bench.acts.outlook(dry)).refusal == "the shelf does not answer"
    assert "no rule under respond" in (await bench.acts.outlook(order(target="shop"))).refusal
    await bench.keeper.stop()
    assert (await bench.acts.outlook(dry)).refusal == "the injector is stopped"
    assert (shelf.changes, bench.acts.acts()) == ([], [])


async def test_the_journal_of_the_run_tells_it(bench: Bench):
    await bench.acts.carry_out("a1", order())
    await bench.acts.undo("a1")
    told = segment(bench.keeper, bench.acts, "7Q2K")
    assert [event.what for event in told] == ["acted", "undone"]
    assert told[0].facts["step"] == {"step": "pin_model", "on": PIN.on, "settings": PIN.settings}
    assert segment(bench.keeper, bench.acts, "OTHER") == []


# --- a step of a drill that its runbook wants approved -------------------------------------------


async def test_in_a_drill_the_same_people_are_asked_for(bench: Bench, shelf: Shelf):
    wanted = order(drill_step().fault, mode="drill", run_id="RUN1", approvals=1)
    held = drill_step(proposal=wanted.proposal, requested_by="ada")
    await refused(bench.keeper.arm("s1", held), Why.POLICY, "needs 1 approval.*, has 0")
    said = Statement(says=Says.APPROVE, digest=wanted.proposal.digest, run_id="RUN1")
    bench.keeper.hear(Word(statement=said, by="ada", at=utc_now()))
    assert "has 0" in await bench.keeper.check(held), "who asks is no second person"
    bench.keeper.hear(Word(statement=said, by="bob", at=utc_now()))
    assert (await bench.keeper.arm("s1", held)).state is FaultState.ARMED
    assert shelf.value == NEW


@pytest.mark.parametrize(
    "changed",
    [
        {"mode": "live"},
        {"run_id": "OTHER"},
        {"environment": "elsewhere"},
        {"asked_by": "bob"},
        {"step": StepSpec(kind="pin_model", settings={"to": "heron-3"})},
    ],
    ids=["mode", "run", "environment", "author", "step"],
)
async def test_a_proposal_for_something_else_lets_nothing_through(
    bench: Bench, changed: dict[str, Any]
):
    step = changed.pop("step", drill_step().fault)
    foreign = order(step, **({"mode": "drill", "run_id": "RUN1"} | changed)).proposal
    held = drill_step(proposal=foreign, requested_by="ada")
    await refused(bench.keeper.arm("s1", held), Why.POLICY, "is no step of what is proposed")
