"""Edits of components, held by the keeper like any fault, and the steps that roll them back."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from gameday.domain.component import Component
from gameday.domain.drill import FaultSpec, Scope, StepSpec
from gameday.domain.lease import ClearedBy, FaultState
from gameday.domain.policy import Policy, Rule
from gameday.injector.components import Components, Declared
from gameday.injector.journal import read_journal
from gameday.injector.refusal import Why
from tests.contract.rigs.files import REFUND, FilesRig, RevisionRig
from tests.gameday.injector.bench import Bench, refused
from tests.gameday.injector.rig import a_yes, injection

STALE = {"variant": "stale", "put": {"refund.md": "Refunds take 3 days.\n"}}


class OneCorpus(Components):
    """The component lab/corpus: a folder of the test's own, and a shadow beside it."""

    def __init__(self, rig: FilesRig, shadow: FilesRig, **told: Any) -> None:
        super().__init__([Path("gameday.yaml")])
        self._rig, self._shadow = rig, shadow
        self.told = Component(kind="files", settings={}, **told)

    def load(self) -> dict[str, Declared]:
        shadow = self._shadow.backend if self.told.shadow else None
        return {"lab/corpus": Declared(self.told, self._rig.backend, shadow)}


def rig_in(folder: Path) -> FilesRig:
    folder.mkdir()
    return FilesRig(folder)


@pytest.fixture
def rig(tmp_path: Path) -> FilesRig:
    return rig_in(tmp_path / "store")


@pytest.fixture
def shadow(tmp_path: Path) -> FilesRig:
    return rig_in(tmp_path / "shadow")


@pytest.fixture
def corpus(rig: FilesRig, shadow: FilesRig) -> OneCorpus:
    return OneCorpus(rig, shadow)


@pytest.fixture
def bench(tmp_path: Path, corpus: OneCorpus) -> Bench:
    return Bench(tmp_path, others={"component": corpus})


def edit(**changes: Any):
    spec = FaultSpec(kind="corpus_edit", on="component/corpus", settings=STALE)
    return injection(fault=spec, address={}, **changes)


def revert(to: Any = "before", **changes: Any):
    spec = StepSpec(kind="revert_corpus", on="component/corpus", settings={"to": to})
    return injection(fault=spec, address={}, **changes)


def text(rig: FilesRig) -> str:
    return (rig.corpus / "refund.md").read_text()


async def test_edited_and_put_back_with_the_digests_of_all_three_moments(
    bench: Bench, rig: FilesRig
):
    before = rig.kept()
    assert await bench.keeper.check(edit()) == ""
    assert rig.kept() == before
    record = await bench.keeper.arm("f1", edit())
    assert (record.state, record.step, record.claim) == (
        FaultState.ARMED, False, "component/lab/corpus",
    )  # fmt: skip
    assert text(rig) == "Refunds take 3 days.\n"
    gone = await bench.keeper.clear("f1", ClearedBy.RESTORE)
    assert (gone.state, gone.cleared_by) == (FaultState.CLEARED, ClearedBy.RESTORE)
    assert rig.kept() == before
    at_arm, during, after = (
        gone.evidence[name]["digest"]
        for name in ("version_at_arm", "version_while", "version_after")
    )
    assert at_arm == after
    assert at_arm != during


async def test_renewed_while_it_is_there_and_gone_with_its_lease(bench: Bench, rig: FilesRig):
    before = rig.kept()
    await bench.keeper.arm("f1", edit())
    await bench.pass_time(10)
    assert (await bench.keeper.renew("f1")).state is FaultState.ARMED
    await bench.pass_time(10)
    assert text(rig) == "Refunds take 3 days.\n"
    await bench.pass_time(15)
    assert bench.keeper.get("f1").cleared_by is ClearedBy.LEASE
    assert rig.kept() == before


async def test_an_edit_that_somebody_took_back_has_vanished(bench: Bench, rig: FilesRig):
    await bench.keeper.arm("f1", edit())
    (rig.corpus / "refund.md").write_text(REFUND)
    gone = await bench.keeper.renew("f1")
    assert (gone.state, gone.cleared_by) == (FaultState.CLEARED, ClearedBy.VANISHED)


async def test_a_step_to_before_takes_the_edit_back_and_is_not_undone(bench: Bench, rig: FilesRig):
    before = rig.kept()
    await bench.keeper.arm("f1", edit())
    step = await bench.keeper.arm("s1", revert())
    assert rig.kept() == before
    assert (step.evidence["failed"], step.evidence["unverified"]) == ("", "")
    assert step.evidence["goes_before"] is True
    # Rolled back by the response, it is held on all the same: it has not vanished.
    assert (await bench.keeper.renew("f1")).state is FaultState.ARMED
    fault = await bench.keeper.clear("f1", ClearedBy.RESTORE)
    assert (fault.cleared_by, fault.cleared_because) == (
        ClearedBy.RESPONSE, "the step revert_corpus had put it back",
    )  # fmt: skip
    step = await bench.keeper.clear("s1", ClearedBy.RESTORE)
    assert (step.state, step.cleared_by) == (FaultState.CLEARED, ClearedBy.RESTORE)
    assert rig.kept() == before
    # It was in force until the step had answered, however much later it was looked at.
    assert fault.gone_at == datetime.fromisoformat(step.evidence["answered_at"])
    assert fault.gone_at < fault.cleared_at
    digests = [one.evidence["version_after"]["digest"] for one in (fault, step)]
    assert digests == [fault.evidence["version_at_arm"]["digest"]] * 2


@pytest.mark.parametrize("how", ["clear", "stop", "lease", "recovery", "end"])
async def test_however_it_ends_step_and_edit_leave_what_was_before(
    bench: Bench, rig: FilesRig, how: str
):
    before = rig.kept()
    await bench.keeper.arm("f1", edit())
    await bench.keeper.arm("s1", revert())
    if how == "recovery":
        bench.restart()

    async def lease() -> None:
        await bench.pass_time(15)

    async def clear() -> None:
        for one in ("f1", "s1"):
            await bench.keeper.clear(one, ClearedBy.RESTORE)

    undo = {
        "stop": bench.keeper.stop, "end": bench.keeper.end, "clear": clear,
        "recovery": bench.keeper.recover, "lease": lease,
    }[how]  # fmt: skip
    await undo()
    assert rig.kept() == before
    records = {one.id: one for one in bench.keeper.faults("RUN1")}
    assert {one.state for one in records.values()} == {FaultState.CLEARED}
    assert records["f1"].cleared_by is ClearedBy.RESPONSE


async def test_a_step_to_a_version_goes_first_and_then_the_edit(tmp_path: Path):
    """Were the edit first, it would find neither what it set nor what was before."""
    (tmp_path / "store").mkdir()
    rig = RevisionRig(tmp_path / "store")
    bench = Bench(tmp_path, others={"component": OneCorpus(rig, rig)})
    before = rig.kept()
    assert text(rig) != REFUND
    await bench.keeper.arm("f1", edit())
    await bench.keeper.arm("s1", revert("v1"))
    assert text(rig) == REFUND
    fault = await bench.keeper.clear("f1", ClearedBy.RESTORE)
    assert (fault.state, fault.cleared_by) == (FaultState.CLEARED, ClearedBy.RESTORE)
    assert bench.keeper.get("s1").state is FaultState.CLEARED
    assert rig.kept() == before
    assert read_journal(bench.path).outstanding == {}


async def test_a_step_that_does_nothing_leaves_the_edit_to_its_own_restore(
    bench: Bench, rig: FilesRig, monkeypatch: pytest.MonkeyPatch
):
    before = rig.kept()
    await bench.keeper.arm("f1", edit())

    async def deaf(*_: Any) -> None:
        """Say yes, and do nothing."""

    with monkeypatch.context() as patched:
        patched.setattr(type(rig.backend), "revert", deaf)
        step = await bench.keeper.arm("s1", revert())
    assert "refund.md in" in step.evidence["unverified"]
    assert text(rig) == "Refunds take 3 days.\n"
    fault = await bench.keeper.clear("f1", ClearedBy.RESTORE)
    assert fault.cleared_by is ClearedBy.RESTORE
    assert bench.keeper.get("s1").state is FaultState.CLEARED
    assert rig.kept() == before


async def test_somebody_elses_edit_is_kept_and_the_next_step_is_told(bench: Bench, rig: FilesRig):
    await bench.keeper.arm("f1", edit())
    rig.set_by_others()
    stuck = await bench.keeper.clear("f1", ClearedBy.RESTORE)
    assert stuck.state is FaultState.STUCK
    assert "Somebody else changed it" in stuck.cleared_because
    assert "decide who is right" in stuck.cleared_because
    assert text(rig) == "Somebody else's."
    (rig.corpus / "refund.md").write_text(REFUND)
    await bench.pass_time(2)
    assert bench.keeper.get("f1").state is FaultState.CLEARED


async def test_another_runs_step_is_refused_on_a_place_that_is_held(bench: Bench):
    await bench.keeper.arm("f1", edit())
    other = revert().model_copy(update={"run_id": "RUN2"})
    await refused(bench.keeper.arm("s1", other), Why.CONFLICT, "corpus is held by run RUN1")


async def test_a_second_edit_of_the_same_place_is_refused(bench: Bench):
    await bench.keeper.arm("f1", edit())
    await refused(bench.keeper.arm("f2", edit()), Why.CONFLICT, "corpus is held by run RUN1")


async def test_to_before_without_an_edit_is_refused(bench: Bench, rig: FilesRig):
    before = rig.kept()
    with pytest.raises(Exception, match="nobody knows what was before it"):
        await bench.keeper.arm("s1", revert())
    assert rig.kept() == before


# --- in production ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({}, "may be shared: nobody says that it is not"),
        ({"shared": True}, "is shared, and in production"),
        ({"shared": False}, ""),
        ({"shared": True, "shadow": {"folder": "shadow"}}, ""),
    ],
    ids=["nobody says", "shared", "the drill's own", "with a shadow"],
)
async def test_a_shared_store_is_edited_in_its_shadow_or_not_at_all(
    bench: Bench, corpus: OneCorpus, rig: FilesRig, shadow: FilesRig, told: dict[str, Any], why: str
):
    corpus.told = Component(kind="files", settings={}, **told)
    wanted = edit(environment="production", isolation_age_s=60.0)
    bench.keeper.admission.policy = twin_policy()
    bench.keeper.hear(a_yes("digest", "somebody else"))
    before = rig.kept()
    said = await bench.keeper.check(wanted)
    assert why in said
    assert bool(said) == bool(why)
    if why:
        with pytest.raises(Exception, match="would reach users; declare a copy"):
            await bench.keeper.arm("f1", wanted)
        assert rig.kept() == before
        return
    await bench.keeper.arm("f1", wanted)
    edited, spared = (shadow, rig) if told.get("shadow") else (rig, shadow)
    assert text(edited) == "Refunds take 3 days.\n"
    assert text(spared) == REFUND
    await bench.keeper.arm("s1", revert(environment="production", isolation_age_s=60.0))
    assert text(edited) == REFUND
    await bench.keeper.clear("f1", ClearedBy.RESTORE)
    assert (text(rig), text(shadow)) == (REFUND, REFUND)


async def test_elsewhere_a_shared_store_is_edited_itself(
    bench: Bench, corpus: OneCorpus, rig: FilesRig, shadow: FilesRig
):
    corpus.told = Component(kind="files", settings={}, shared=True, shadow={"folder": "shadow"})
    await bench.keeper.arm("f1", edit())
    assert text(rig) == "Refunds take 3 days.\n"
    assert text(shadow) == REFUND


def twin_policy() -> Policy:
    rule = Rule(
        target="lab", environment="production", on="component/*", kinds=("*",),
        scopes=(Scope.ALL,), approvals=1, twin=True,
    )  # fmt: skip
    return Policy(policy="twin", allow=(rule,))
