"""A drill's lines in the ledger: what was there, what it did itself, what is there afterwards."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from activities import ledger_lines
from activities.ledger_lines import write_after, write_before
from gameday.catalog.files import load_target
from gameday.domain.component import version_of
from gameday.domain.lease import FaultRecord, FaultState
from gameday.domain.ledger import what_changed
from gameday.store.ledger import Ledger
from gameday.store.run_folder import RunFolder
from tests.gameday.reporting.runs import passing_run

AT = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
TARGET = """
target: lab
environments: {lab: {injector: "http://127.0.0.1:1", front_door: "http://127.0.0.1:2"}}
providers: {primary: {dialect: openai}}
suite: suite.yaml
components:
  corpus: {backend: files, folder: corpus}
  prompt: {backend: command, read: [cat, prompt], change: [tee, prompt, "{{to}}"]}
"""
SUITE = """
suite: support
cases:
  - {case: c1, question: How long does it take to come back to me?, scorers: [{kind: pii}]}
"""


@pytest.fixture
def run(tmp_path):
    """A run of a target whose files are there."""
    (tmp_path / "gameday.yaml").write_text(TARGET)
    (tmp_path / "suite.yaml").write_text(SUITE)
    (tmp_path / "prompt").write_text("Be brief.")
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "refund.md").write_text("30 days")
    made = passing_run()
    request = made.record.request.model_copy(
        update={
            "target": load_target(tmp_path / "gameday.yaml"),
            "target_file": str(tmp_path / "gameday.yaml"),
            "suite_file": str(tmp_path / "suite.yaml"),
            "folder": str(tmp_path / "run"),
            "environment": "lab",
        }
    )
    folder = RunFolder(tmp_path / "run")
    folder.append_samples(sample.changed(case="c1") for sample in made.samples)
    return made.record.model_copy(update={"request": request})


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "state")


def held(on, evidence, **fields):
    return FaultRecord(
        id="7Q2K-0", run_id="7Q2K", kind="corpus_edit", on=on, claim="x", state=FaultState.CLEARED,
        armed_at=datetime.now(UTC), evidence=evidence, **fields,
    )  # fmt: skip


def version(value):
    return version_of(value).model_dump(mode="json")


async def test_before_and_after_are_written_once_each(run, ledger):
    said = await write_before(ledger, run.request)
    assert said == "2 components are in the ledger as they are now"
    for _ in range(2):  # the activity may be tried again
        assert await write_after(ledger, run) == ""
    before, after = ledger.all("lab", "lab")
    assert [before.moment, after.moment] == ["before", "after"]
    assert {before.run, after.run} == {run.request.run_id}
    assert before.components == after.components
    assert before.components.keys() == {"corpus", "prompt"}
    asked = after.inputs[f"drill {run.request.drill.drill}"]
    assert asked.languages == {"en": len(RunFolder(run.request.folder).read_samples())}
    assert what_changed([before, after], AT).changes == ()


async def test_what_it_changed_itself_is_marked_as_the_drills(run, ledger):
    await write_before(ledger, run.request)
    before = ledger.all("lab", "lab")[0].components["corpus"].model_dump(mode="json")
    made = (
        held("component/corpus", {"version_at_arm": before, "version_while": version("bad")}),
        held(
            "component/prompt", {"version_at_arm": version("p"), "version_at_clear": version("p")}
        ),
        held("component/model", {"version_at_arm": version("m")}),
        held("provider/primary", {"version_at_arm": version("a"), "version_while": version("b")}),
    )
    assert await write_after(ledger, run.model_copy(update={"faults": made})) == ""
    lines = ledger.all("lab", "lab")
    assert [line.moment for line in lines] == ["before", "changed", "after"]
    assert lines[1].components == {"corpus": version_of("bad")}
    assert lines[1].note == "corpus_edit on component/corpus"
    changes = what_changed(lines, AT).changes
    assert [change.drill for change in changes] == [run.request.run_id] * 2


async def test_what_cannot_be_read_is_said_and_refuses_nothing(run, ledger, tmp_path):
    (tmp_path / "prompt").unlink()
    said = await write_before(ledger, run.request)
    assert said.startswith("1 components are in the ledger as they are now; not read: prompt: cat ")
    nowhere = run.request.model_copy(update={"target_file": str(tmp_path / "gone.yaml")})
    assert "gone.yaml" in await write_before(ledger, nowhere)
    unsaid = run.request.model_copy(update={"target_file": ""})
    assert "nobody said where the target file is" in await write_before(ledger, unsaid)


async def test_a_corpus_that_takes_long_does_not_hold_the_drill_up(run, ledger, monkeypatch):
    async def forever(_):
        await asyncio.sleep(3600)

    monkeypatch.setattr(ledger_lines, "read_components", forever)
    monkeypatch.setattr(ledger_lines, "_READ_S_MAX", 0.05)
    assert "a first look by  gameday ledger record  helps" in await write_before(
        ledger, run.request
    )
    (line,) = ledger.all("lab", "lab")
    assert line.unread.keys() == {"corpus", "prompt"}


async def test_a_ledger_that_cannot_be_written_is_told(run, tmp_path):
    (tmp_path / "file").write_text("")
    ledger = Ledger(tmp_path / "file")
    assert (await write_before(ledger, run.request)).startswith("nothing is in the ledger: ")
    assert "cannot be used" in await write_after(ledger, run)


async def test_without_components_there_is_nothing_to_write_but_what_was_asked(run, ledger):
    bare = run.request.model_copy(
        update={"target": run.request.target.model_copy(update={"components": {}})}
    )
    assert await write_before(ledger, bare) == "the target declares no components"
    assert await write_after(ledger, run.model_copy(update={"request": bare})) == ""
    (line,) = ledger.all("lab", "lab")
    assert line.moment == "after"
    assert line.inputs
    assert line.at - AT > timedelta(0)


async def test_a_drill_that_shifts_what_it_asks_has_lines_of_before_while_and_after(run, ledger):
    """Before and after it asks one question, while it was shifted another one."""
    questions = (
        SUITE.rstrip() + "\n  - {case: c2, question: Und wie lange dauert das bei euch?, scorers: "
        "[{kind: pii}]}\n"
    )
    Path(run.request.suite_file).write_text(questions)
    span = (run.inject.confirmed_at, run.restore.requested_at)
    folder = RunFolder(Path(run.request.folder).parent / "shifted")
    folder.append_samples(
        sample.changed(case="c2" if span[0] <= sample.intended_at < span[1] else "c1")
        for sample in passing_run().samples
    )
    shift = held("inputs/load", {}).model_copy(
        update={"kind": "input_shift", "armed_at": run.inject.confirmed_at}
    )
    request = run.request.model_copy(update={"folder": str(folder.path)})
    record = run.model_copy(update={"request": request, "faults": (shift,)})
    assert await write_after(ledger, record) == ""
    asker = f"drill {run.request.drill.drill}"
    lines = [one for one in ledger.all("lab", "lab") if one.inputs]
    assert [one.moment for one in lines] == ["before", "changed", "after"]
    assert [list(one.inputs[asker].languages) for one in lines] == [["en"], ["de"], ["en"]]
    assert lines[1].note == "input_shift on inputs/load"
    changes = what_changed(lines, run.started_at).changes
    assert [one.component for one in changes] == 2 * [f"inputs of {asker}"]
    assert [one.drill for one in changes] == [run.request.run_id] * 2
