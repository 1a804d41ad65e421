"""`gameday explain` and `gameday review` read what a run has left, and change nothing of it."""

import json
from datetime import UTC, datetime

import pytest

from gameday.cli.main import main
from gameday.domain.component import version_of
from gameday.domain.explanation import Explanation
from gameday.domain.ledger import Entry
from gameday.domain.review import Review
from gameday.domain.runbook_request import Mode
from gameday.reporting.write import write_reports
from gameday.store.incidents import Incidents
from gameday.store.ledger import Ledger
from gameday.store.run_folder import RunFolder
from tests.gameday.reporting.pages import read_page
from tests.gameday.reporting.played import INCIDENT, make_played
from tests.gameday.reporting.runs import START, at, failing_run, passing_run
from tests.gameday.reporting.stand_ins import MAKERS
from tests.gameday.reporting.untrusted import HOSTILE, INVISIBLE


@pytest.fixture
def gameday(tmp_path, capsys):
    """The command, where 4F9C failed and 7Q2K passed."""
    for run in (failing_run(), passing_run()):
        write_reports(run.store(tmp_path / "runs"), run.record, run.samples, MAKERS)

    def call(*argv):
        where = ("--runs", str(tmp_path / "runs"))
        if argv[0] == "review":
            where = (*where, "--state", str(tmp_path / "state"))
        code = main([*argv, *where])
        return code, capsys.readouterr()

    return call


def stored(tmp_path, run="4F9C"):
    return {path.name: path.read_bytes() for path in (tmp_path / "runs" / run).glob("*.*")}


def test_explain_says_the_verdict_first_and_changes_nothing(gameday, tmp_path):
    before = stored(tmp_path)
    code, said = gameday("explain", "4F9C")
    assert code == 0
    assert said.out.startswith("FAILED   ")
    assert "ana: asked for the drill provider-outage" in said.out
    assert stored(tmp_path) == before


def test_explain_is_one_document_for_machines(gameday):
    code, said = gameday("explain", "4F9C", "--json")
    assert code == 0
    told = Explanation.model_validate_json(said.out)
    assert told.run == "4F9C"
    assert all(choice.why for choice in told.choices)


def test_a_review_is_three_files_that_say_the_same_and_the_same_bytes_again(gameday, tmp_path):
    code, said = gameday("review", "4F9C", "--json")
    assert code == 0
    review = Review.model_validate_json(said.out)
    first = stored(tmp_path)
    assert Review.model_validate_json(first["review.json"]) == review
    for question in review.questions:
        assert question.text in first["review.html"].decode()
        assert question.text.replace("_", r"\_") in first["review.md"].decode() or (
            question.text in first["review.md"].decode()
        )
    gameday("review", "4F9C")
    assert stored(tmp_path) == first


def test_actions_are_the_run_s_findings_with_owner_and_date(gameday, tmp_path):
    _, said = gameday("review", "4F9C")
    assert "No action has an owner and a date yet" in said.out
    gameday("finding", "open", "4F9C", "--owner", "ana", "--due", "2030-01-31")
    gameday("finding", "open", "7Q2K", "--owner", "bo", "--due", "2030-01-31", "--what", "Else.")
    _, said = gameday("review", "4F9C")
    assert "4F9C-1  ana by 2030-01-31" in said.out
    assert "bo" not in json.loads(stored(tmp_path)["review.json"])["actions"][0]["owner"]
    assert "No action" not in said.out


def test_the_ledger_s_changes_are_looked_for_from_the_date_that_is_given(gameday, tmp_path):
    ledger = Ledger(tmp_path / "state")
    for day, prompt in ((15, "v1"), (17, "v2")):
        when = datetime(2026, 11, day, tzinfo=UTC)
        entry = Entry(target="lab", environment="lab", at=when, by="watch",
                      components={"prompt": version_of(prompt)})  # fmt: skip
        ledger.add(entry, f"{day}")
    last = Entry(target="lab", environment="lab", at=at(1), by="watch",
                 components={"prompt": version_of("v2")})  # fmt: skip
    ledger.add(last, "last")
    assert START.day == 21
    _, said = gameday("review", "7Q2K")
    assert "prompt changed" not in said.out
    _, said = gameday("review", "7Q2K", "--since", "2026-11-14")
    assert "prompt changed: v1 to v2" in said.out


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_of_others_acts_in_a_review(text, gameday, tmp_path):
    ledger = Ledger(tmp_path / "state")
    for number, (prompt, by) in enumerate((("v1", ""), (text, text))):
        version = version_of(prompt, by=by)
        entry = Entry(target="lab", environment="lab", at=at(number), by="watch", note=text,
                      components={"prompt": version})  # fmt: skip
        ledger.add(entry, str(number))
    code, said = gameday("review", "7Q2K")
    assert code == 0
    assert not set(INVISIBLE) & set(said.out)
    html = stored(tmp_path, "7Q2K")["review.html"].decode()
    page = read_page(html)
    assert not {"script", "img", "iframe", "a", "svg"} & {one.tag for one in page.elements}
    assert page.comments == []
    assert not set(INVISIBLE) & set(html)
    markdown = stored(tmp_path, "7Q2K")["review.md"].decode()
    assert "<" not in markdown.replace("\\<", "")
    assert "](" not in markdown.replace("\\](", "")


@pytest.mark.parametrize("command", ["explain", "review"])
def test_a_run_that_is_not_there_is_named(command, gameday):
    code, said = gameday(command, "XXXX")
    assert code == 2
    assert "run XXXX has not got so far" in said.err
    assert "Traceback" not in said.err


@pytest.fixture
def answered(gameday, tmp_path):
    """The command, where RUN1 was a runbook's run in an incident, and 7Q2K's response was one."""
    for run, record in (("RUN1", make_played()), ("7Q2K", make_played(mode=Mode.DRILL))):
        RunFolder(tmp_path / "runs" / run).write_runbook(record)
    Incidents(tmp_path / "state").open(INCIDENT)
    return gameday


def test_a_runbook_s_run_is_explained_and_reviewed_with_its_incident(answered, tmp_path):
    _, said = answered("explain", "RUN1")
    assert said.out.startswith("RESOLVED   the answers are inside again")
    code, said = answered("review", "RUN1", "--json")
    review = Review.model_validate_json(said.out)
    assert (code, review.sort, review.incident) == (0, "runbook", "INC-12")
    assert review.summary == "Answers got worse"
    assert set(stored(tmp_path, "RUN1")) >= {"review.md", "review.html", "review.json"}


def test_a_drill_s_response_by_a_runbook_is_part_of_the_drill_s_own(answered):
    _, said = answered("explain", "7Q2K", "--json")
    told = Explanation.model_validate_json(said.out)
    assert (told.sort, told.ended) == ("drill", "passed")
    (back,) = [
        one
        for one in told.choices
        if "puts component/prompt back to" in one.what and one.by == "workflow"
    ]
    assert back.why.startswith("what came to prompt")
    _, said = answered("review", "7Q2K", "--json")
    review = Review.model_validate_json(said.out)
    assert review.sort == "drill"
    assert any(one.by == "dana" and one.layer == "prompt" for one in review.timeline)


def test_a_runbook_that_goes_on_is_explained_and_not_yet_reviewed(gameday, tmp_path):
    going = make_played(ended_at=None, outcome=None, sentence="")
    RunFolder(tmp_path / "runs" / "RUN1").write_runbook(going)
    assert gameday("explain", "RUN1")[1].out.startswith("NOT CLOSED")
    code, said = gameday("review", "RUN1")
    assert code == 2
    assert "run RUN1 is not over, or nobody has closed it" in said.err
