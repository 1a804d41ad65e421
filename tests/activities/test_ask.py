"""Questions in an incident: a small system is asked, and what nobody knows is `unknown`."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio.testing import ActivityEnvironment

from activities.ask import AskActivities, Asking
from gameday.catalog.files import load_target
from gameday.cli.main import main
from gameday.cli.runbook_fitness import what_items_are
from gameday.domain.question import Answered
from gameday.domain.runbook import QuestionSpec, Runbook
from gameday.domain.runbook_request import Mode, RunbookRequest
from gameday.store.ledger import Ledger
from gameday.store.references import References
from gameday.store.run_folder import RunFolder
from tests.gameday.cli.small_shop import Door, door

__all__ = ["door"]  # the fixture
FAST = {"rate": "300/s"}


@pytest.fixture
def recorded(door, capsys):
    (door / "prompt").write_text("Be brief.")
    file = door / "gameday.yaml"
    keeper = '{backend: command, read: [cat, prompt], change: [tee, "{{to}}"]}'
    file.write_text(file.read_text() + f"components: {{prompt: {keeper}}}\n")
    assert main(["record", "--per-case", "40", "--rate", "300/s"]) == 0
    capsys.readouterr()
    return door


def request_of(folder: Path, more: str = "") -> RunbookRequest:
    file = folder / "gameday.yaml"
    file.write_text(file.read_text() + more)
    book = Runbook.model_validate(
        {
            "runbook": "any",
            "title": "Any",
            "purpose": "Ask.",
            "play": [{"ask": "envelope", "name": "quality"}],
        }
    )
    return RunbookRequest(
        run_id="BOOK", mode=Mode.LIVE, target=load_target(file), environment="staging",
        target_file=str(file), suite_file=str(folder / "suite.yaml"),
        folder=str(folder / "runs" / "BOOK"), requested_by="ada", **what_items_are(book),
    )  # fmt: skip


async def asked(request, kind, floor=None, within_s=20.0, **settings) -> Answered:
    state = Path(request.target_file).parent / ".gameday"
    asking = Asking(
        request=request,
        question=QuestionSpec(kind=kind, settings=settings),
        within_s=within_s,
        floor=floor or datetime.now(UTC),
    )
    activities = AskActivities(References(state), Ledger(state))
    return await ActivityEnvironment().run(activities.ask, asking)


async def test_a_system_as_it_was_recorded_is_inside(recorded):
    request = request_of(recorded)
    said = await asked(request, "envelope", **FAST)
    assert said.answer == "inside"
    kept = RunFolder(request.folder).read_samples()
    assert len(kept) == said.evidence["requests"], "what it has asked stays with the run"


async def test_a_worse_one_is_outside_and_one_that_nobody_reaches_is_unknown(recorded):
    Door.texts = ("Nobody can say for sure.",)
    assert (await asked(request_of(recorded), "envelope", **FAST)).answer == "outside"
    Door.texts = ()
    said = await asked(request_of(recorded), "envelope", **FAST)
    assert said.answer == "unknown"
    assert said.reason.startswith("none of 20 requests got an answer")


async def test_without_a_recording_nothing_is_known(door):
    said = await asked(request_of(door), "envelope", **FAST)
    assert said.answer == "unknown"
    assert "was never recorded, so there is nothing to compare with" in said.reason


async def test_one_round_is_too_much(recorded):
    said = await asked(request_of(recorded), "envelope", requests=3)
    assert said.answer == "unknown"
    assert said.reason == "one round of the suite takes 4 requests, and at most 3 may be asked"


async def test_the_component_that_was_changed_since_the_recording(recorded):
    since, request = datetime.now(UTC), request_of(recorded)
    (recorded / "prompt").write_text("Be kind.")
    Door.texts = ("Nobody can say for sure.",)
    await asked(request, "envelope", floor=since, **FAST)
    said = await asked(request, "ledger_diff", floor=since)
    assert said.answer == "prompt"
    assert said.before == {"prompt": "Be brief."}
    assert "from Be brief. to Be kind." in said.reason


async def test_worse_answers_that_nothing_recorded_explains(recorded):
    since, request = datetime.now(UTC), request_of(recorded)
    Door.texts = ("Nobody can say for sure.",)
    await asked(request, "envelope", floor=since, **FAST)
    assert (await asked(request, "ledger_diff", floor=since)).answer == "unrecorded"


async def test_an_objective_is_asked_for_until_it_can_be_told(recorded):
    request = request_of(recorded, "\nslos: {availability: {at_least: 0.9}}\n")
    said = await asked(request, "slo", slo="availability")
    assert said.answer == "met"
    assert said.reason == "100.0 % of 12 (objective 90 %)"


async def test_which_providers_were_asked_is_not_guessed(recorded):
    said = await asked(request_of(recorded), "provider_reachable", provider="primary")
    assert said.answer == "unknown"
    assert said.reason == "the front door's answers do not tell which providers were asked"
