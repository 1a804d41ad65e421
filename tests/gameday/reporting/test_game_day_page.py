"""The one page of a game day: what whoever answers for it must find there, and nothing made up."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from gameday.cli.main import main
from gameday.domain.game_day import PeopleTimes
from gameday.reporting.game_day_page import DayPage, day_title, page_of_day, render_game_day
from gameday.store.findings import Findings
from gameday.store.game_days import write_game_day
from tests.gameday.reporting.days import make_coverage, make_day, make_finding, make_outcome
from tests.gameday.reporting.pages import read_page, skeleton
from tests.gameday.reporting.runs import START, at, passing_run
from tests.gameday.reporting.untrusted import HOSTILE, INVISIBLE

TODAY = date(2026, 11, 22)


def page(**changes):
    return DayPage(**{"day": make_day(), "findings": [], "today": TODAY, **changes})


def rows(html, label):
    """The rows of the table under a heading, as lists of cells."""
    part = html.split(f'id="{label}"')[1].split("</table>")[0]
    body = "".join(one.split("</tbody>")[0] for one in part.split("<tbody>")[1:])
    return [
        [one.text for one in read_page(f"<table>{row}</tr></table>").all("th", "td")]
        for row in body.split("</tr>")[:-1]
    ]


def test_the_verdict_and_its_sentence_come_first():
    html = render_game_day(page())
    read = read_page(html)
    assert read.one("h1").text == "The quarterly rehearsal of the support assistant"
    assert read.all("title")[0].text.startswith("FAILED · ")
    assert "3 of 5 drills passed; 1 did not run: stopped by its rule after failed." in html


def test_objectives_stand_beside_what_was_measured():
    measured = rows(render_game_day(page()), "measures")
    assert measured[:5] == [
        ["provider-outage"],
        ["fallback", "0.4 s", "at most 2.0 s", "yes"],
        ["slo availability", "99.8 %", "at least 99.5 %", "yes"],
        ["slo latency_p95", "388 ms", "at most 1,000 ms", "yes"],
        ["cost_per_success", "1.22x", "at most 1.50x", "yes"],
    ]
    assert measured[-2:] == [
        ["corpus-edit"], ["slo availability", "91.0 %", "at least 99.5 %", "no"],
    ]  # fmt: skip
    assert ["verifier-down"] not in measured


def test_checks_without_a_number_are_counted_and_those_that_did_not_hold_named():
    html = render_game_day(page())
    assert "4 more checks go by no single number; 3 held. corpus-edit: envelope support" in html


def test_who_met_it_is_counted_and_a_drill_that_did_not_run_has_no_count():
    html = render_game_day(page())
    assert "2,400 synthetic requests met what the drills did, and 57 of them got no" in html
    drills = rows(html, "drills")
    assert drills[0][3:] == ["600", "1"]
    assert drills[-1] == ["not run", "The verifier is gone", "It did not run.", "–", "–"]


def test_whose_requests_could_be_touched_is_told_once_for_each_radius():
    radius = {"Q4-1": "all traffic of lab/lab", "Q4-2": "all traffic of lab/lab"}
    html = render_game_day(page(radius=radius))
    assert "provider-outage, quota-exhausted: all traffic of lab/lab." in html
    assert "silent-model-update, corpus-edit: not known: its run is gone." in html
    assert "verifier-down:" not in html


def test_a_day_on_which_nothing_ran_exposed_nobody():
    unrun = make_outcome(
        "x", "X", verdict=None, run_id=None, started_at=None, ended_at=None, checks=(),
        requests=0, errors=0,
    )  # fmt: skip
    day = make_day(drills=(unrun,))
    assert "No drill ran, and nobody was exposed." in render_game_day(page(day=day))


def test_a_day_that_nobody_closed_says_so():
    html = render_game_day(page(day=make_day(ended_at=None, verdict=None, reason="")))
    assert "Nobody has closed this game day: it goes on, or was lost." in html
    assert "NOT CLOSED" in html


def test_peoples_times_stand_beside_the_technical_ones():
    assert rows(render_game_day(page()), "people") == [
        ["provider-outage", "dana at 10:00:21", "dana, after 75 s",
         "dana, after 3 min · pin answers-2026-08"],
    ]  # fmt: skip


def test_what_nobody_said_is_told_as_that():
    times = PeopleTimes(paged_at=at(21), paged=("dana",))
    day = make_day(drills=(make_outcome("x", "X", people=times),))
    assert rows(render_game_day(page(day=day)), "people")[0][2:] == ["nobody said so"] * 2


def test_a_day_without_pages_has_no_part_on_people():
    html = render_game_day(page(day=make_day(drills=(make_outcome("x", "X"),))))
    assert 'id="people"' not in html


@pytest.mark.parametrize(("days", "word"), [(0, "2026-11-22"), (1, "2026-11-21, OVERDUE")])
def test_a_finding_is_overdue_from_the_day_after_its_date(days, word):
    finding = make_finding(due=TODAY - timedelta(days=days))
    html = render_game_day(page(findings=[finding]))
    assert rows(html, "open")[0][2] == word
    said = "1 of them past the date" if days else "none past its date"
    assert f"1 finding open, {said}." in html


def test_only_open_findings_of_the_same_place_are_told_the_oldest_first():
    findings = [
        make_finding(1, date(2026, 12, 1)),
        make_finding(2, date(2026, 11, 1)),
        make_finding(3, closed_at=START),
        make_finding(4, environment="production"),
    ]
    told = rows(render_game_day(page(findings=findings)), "open")
    assert [row[0] for row in told] == ["Q3-2", "Q3-1"]


def test_what_was_never_rehearsed_is_told_or_left_out_where_nobody_knows():
    assert 'id="never"' not in render_game_day(page())
    html = render_game_day(page(coverage=make_coverage()))
    assert "Nothing was ever rehearsed on provider/secondary, tool/orders." in html
    assert "Of what could be made to fail, never tried: latency." in html
    assert "Ready for 1 of 3 scenarios" in html


def test_there_is_a_line_to_sign_for_whoever_leads_and_approves():
    signed = rows(render_game_day(page()), "sign")
    assert [row[:2] for row in signed] == [
        ["leads", "ana"], ["approves", "erin"], ["answers for the system", ""],
    ]  # fmt: skip


def test_it_loads_nothing_and_the_same_page_gives_the_same_bytes():
    html = render_game_day(page())
    assert "default-src 'none'" in html
    assert html == render_game_day(page())
    tags = {one.tag for one in read_page(html).elements}
    assert not tags & {"script", "img", "iframe", "link", "a"}


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_strangers_adds_no_element_and_no_attribute(text):
    def made(text):
        outcome = make_outcome("x", text, sentence=text, approved_by=text)
        day = make_day(drills=(outcome,), reason=text, title=text, notes=(text,),
                       requested_by=text)  # fmt: skip
        finding = make_finding(what=text, owner=text)
        return render_game_day(page(day=day, findings=[finding], radius={"Q4-1": text}))

    assert skeleton(made(text)) == skeleton(made("plain"))
    assert not set(made(text)) & set(INVISIBLE)


def test_the_page_of_a_stored_day_knows_whose_requests_its_plans_could_touch(tmp_path):
    passing_run().store(tmp_path)
    day = make_day(drills=(make_outcome("provider-outage", "X", run_id="7Q2K"),
                           make_outcome("gone", "Y", run_id="GONE")))  # fmt: skip
    Findings(tmp_path).open(make_finding())
    made = page_of_day(day, tmp_path, datetime(2026, 11, 22, 8, tzinfo=UTC), {})
    assert set(made.radius) == {"7Q2K"}
    assert "all of lab/lab" in made.radius["7Q2K"]
    assert [one.id for one in made.findings] == ["Q3-1"]


def test_gameday_report_writes_it_and_gameday_site_shows_it(tmp_path, capsys):
    day = make_day()
    runs = tmp_path / "runs"
    write_game_day(runs / day.id, day)
    where = ["--runs", str(runs), "--state", str(tmp_path / "state")]
    assert main(["report", day.id, *where]) == 0
    assert "FAILED   3 of 5 drills passed" in capsys.readouterr().out
    assert "Sign-off" in (runs / day.id / "game_day.html").read_text()
    assert main(["report", day.id, *where, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == day.id
    assert main(["site", str(tmp_path / "site"), *where]) == 0
    assert "Sign-off" in (tmp_path / "site" / "game-days" / f"{day.id}.html").read_text()
    index = (tmp_path / "site" / "index.html").read_text()
    assert day_title(day) in index
