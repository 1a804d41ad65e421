"""`gameday schedule` on a real Temporal server: applied, changed, paused, started, looked at."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from gameday.cli.main import main
from gameday.domain.schedule import DayRecord
from gameday.store.game_days import game_days_in
from gameday.store.schedules import Schedules
from tests.gameday.catalog.authored import TARGET, spoil, written
from tests.gameday.cli import test_game_day
from tests.gameday.cli.test_game_day import DAY, _until

server, here, worker = test_game_day.server, test_game_day.here, test_game_day.worker
SCHEDULE = """\
schedule:
  every: week
  on: monday
  at: "10:00"
  time_zone: Europe/Berlin
  grace_days: 3
"""


@pytest.fixture
def day(here, monkeypatch, server):
    """A game day with a timetable, and nobody to confirm anything."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", server)
    text = spoil(DAY, "preconditions: [No release is planned for today.]\n", "") + SCHEDULE
    yield written(here, text, "day.yaml")
    monkeypatch.setenv("TEMPORAL_ADDRESS", server)
    main(["schedule", "remove", "monthly"])  # a schedule outlives its folder


def said(capsys, *words, code=0):
    assert main(["schedule", *words]) == code, words
    return capsys.readouterr().out


def kept(here):
    return Schedules(here / ".gameday").get("monthly")


def test_apply_shows_what_it_changes_and_nothing_when_there_is_nothing(day, here, capsys):
    first = said(capsys, "apply", "day.yaml", "--as", "ana").splitlines()
    assert first[0] == "monthly   every week on monday at 10:00, Europe/Berlin"
    assert first[1] == "  + new"
    assert sum(line.startswith("  next  ") for line in first) == 3
    applied = kept(here)
    assert "  nothing to change" in said(capsys, "apply", "day.yaml", "--as", "bo")
    assert kept(here) == applied
    written(here, day.read_text().replace("10:00", "11:30").replace("31s", "32s"), "day.yaml")
    changes = said(capsys, "apply", "day.yaml")
    assert "  ~ game_day.schedule.at: 10:00 -> 11:30" in changes
    assert "  ~ drills.0.drill.windows.faulted: 31s -> 32s" in changes
    assert "  ~ temporal.calendars.0.hour.0.start: 10 -> 11" in changes
    document = json.loads(said(capsys, "apply", "day.yaml", "--json"))
    assert document["changes"] == []
    assert document["digest"] == kept(here).scheduled.digest != applied.scheduled.digest


def test_a_file_without_a_doubtless_timetable_is_not_applied(day, here, capsys):
    written(here, day.read_text().replace("monday", "sunday").replace("10:00", "02:30"), "day.yaml")
    assert main(["schedule", "apply", "day.yaml"]) == 2
    assert " does not exist in Europe/Berlin, and whatever starts" in capsys.readouterr().err
    written(here, DAY, "day.yaml")
    assert main(["schedule", "apply", "day.yaml"]) == 2
    assert "day.yaml has no `schedule:`" in capsys.readouterr().err
    assert Schedules(here / ".gameday").all() == []


def test_next_needs_no_temporal_and_shows_what_is_frozen(day, here, capsys, monkeypatch):
    today = datetime.now(UTC).date()
    freeze = f"  freezes: [{{from: {today}, to: {today + timedelta(days=7)}, reason: sale}}]\n"
    written(here, day.read_text() + freeze, "day.yaml")
    monkeypatch.delenv("TEMPORAL_ADDRESS")
    lines = said(capsys, "next", "day.yaml", "--count", "3").splitlines()
    assert lines[0].endswith("(not applied)")
    assert "FROZEN" in lines[1]
    assert lines[1].endswith(": sale")
    assert "FROZEN" not in lines[3]
    first, *_ = json.loads(said(capsys, "next", "day.yaml", "--json"))
    assert first["local"].endswith("10:00")


def test_a_paused_schedule_says_why_and_comes_again(day, here, capsys):
    said(capsys, "apply", "day.yaml")
    assert "on time" in said(capsys, "list")
    said(capsys, "pause", "monthly", "--because", "the migration", "--as", "ana")
    listed = said(capsys, "list")
    assert "paused" in listed
    assert "ana: the migration; gameday schedule resume monthly" in listed
    assert kept(here).paused.why == "ana: the migration"
    assert "monthly comes again: " in said(capsys, "resume", "monthly")
    assert kept(here).paused is None
    assert "on time" in said(capsys, "list")


def test_a_trigger_starts_the_day_and_its_end_is_known(day, worker, here, capsys):
    said(capsys, "apply", "day.yaml")
    said(capsys, "trigger", "monthly")
    _until(lambda: [one for one in game_days_in(here / "runs") if one.ended_at])
    (done,) = game_days_in(here / "runs")
    assert (done.verdict, done.slot_at) == ("passed", None)
    assert done.id.startswith("monthly-20")
    assert [run.startswith(f"{done.id}-") for run in worker.drills.began] == [True, True]
    (record,) = kept(here).days
    assert (record.day_id, record.outcome, record.verdict) == (done.id, "started", "passed")
    assert f"passed, game day {done.id}, started by hand" in said(capsys, "list")
    (document,) = json.loads(said(capsys, "list", "--json"))
    assert (document["state"], document["in_temporal"]) == ("on time", True)


def test_a_dirty_day_pauses_its_schedule(day, worker, here, capsys):
    worker.drills.verdicts = {1: "dirty"}
    said(capsys, "apply", "day.yaml")
    said(capsys, "trigger", "monthly")
    _until(lambda: "paused" in said(capsys, "list"))
    (done,) = game_days_in(here / "runs")
    assert (done.verdict, len(worker.drills.began)) == ("dirty", 1)


def test_a_freeze_of_today_is_recorded_and_nothing_runs(day, worker, here, capsys):
    today = datetime.now(UTC).date()
    freeze = (
        f"  freezes: [{{from: {today - timedelta(days=1)}, to: {today + timedelta(days=1)}, "
        "reason: sale}]\n"
    )
    written(here, day.read_text() + freeze, "day.yaml")
    said(capsys, "apply", "day.yaml")
    said(capsys, "trigger", "monthly")
    _until(lambda: kept(here).days)
    (record,) = kept(here).days
    assert record.outcome == "frozen"
    assert record.reason.endswith(": sale")
    assert worker.drills.began == []
    assert game_days_in(here / "runs") == []


def overdue(here, days=60):
    """As if it had been applied so long ago, and the slots since had been looked at."""
    before = datetime.now(UTC) - timedelta(days=days)

    def older(state):
        scheduled = state.scheduled.model_copy(update={"since": before, "applied_at": before})
        return state.model_copy(update={"scheduled": scheduled})

    Schedules(here / ".gameday").change("monthly", older)


def test_overdue_is_an_exit_code_and_is_told_once(day, here, capsys):
    told = here / "told.jsonl"
    notify = 'notify: {command: [sh, -c, "cat >> told.jsonl; echo >> told.jsonl"]}\n'
    written(here, TARGET + notify, "gameday.yaml")
    said(capsys, "apply", "day.yaml")
    assert "on time" in said(capsys, "list", "--check")
    overdue(here)
    assert "OVERDUE" in said(capsys, "list")
    assert not told.exists()
    for _ in range(2):
        assert "monthly is OVERDUE since " in said(capsys, "list", "--check", code=1)
    (line,) = told.read_text().splitlines()
    notice = json.loads(line)
    assert (notice["kind"], notice["schedule"]) == ("schedule", "monthly")
    assert "never rehearsed, and due every 7 days with 3 of grace" in notice["sentence"]


@pytest.mark.parametrize(
    ("notify", "why"),
    [("", "lab has no `notify:`"), ("notify: {command: [./nothing]}\n", "./nothing cannot be run")],
)
def test_an_alarm_that_reached_nobody_is_said_and_tried_again(day, here, capsys, notify, why):
    written(here, TARGET + notify, "gameday.yaml")
    said(capsys, "apply", "day.yaml")
    overdue(here)
    for _ in range(2):
        out = said(capsys, "list", "--check", code=1)
        assert f"nobody was told: {why}" in out
    assert kept(here).told == ()


def test_missed_slots_are_backfilled_only_when_told_twice(day, worker, here, capsys):
    said(capsys, "apply", "day.yaml")
    now = datetime.now(UTC)
    monday = now.replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=now.weekday())
    slot = monday if monday < now else monday - timedelta(days=7)  # in winter, ten in Berlin
    record = DayRecord(slot_at=slot, outcome="missed", at=now, reason="Temporal was down")
    Schedules(here / ".gameday").change("monthly", lambda state: state.with_day(record))
    assert "missed 1" in said(capsys, "list")
    assert main(["schedule", "backfill", "monthly"]) == 2
    assert f"this starts 1 game days now, one after the other: {slot:%Y-%m-%d}" in (
        capsys.readouterr().err
    )
    assert worker.drills.began == []
    said(capsys, "backfill", "monthly", "--yes")
    _until(lambda: [one for one in game_days_in(here / "runs") if one.ended_at])
    (done,) = game_days_in(here / "runs")
    assert (done.slot_at, done.verdict) == (slot, "passed")
    assert "on time" in said(capsys, "list")
    assert "has missed nothing" in said(capsys, "backfill", "monthly", "--yes")


def test_a_name_that_is_not_there_and_a_schedule_that_temporal_lost(day, here, capsys):
    for words in (["pause", "x", "--because", "y"], ["resume", "x"], ["trigger", "x"],
                  ["backfill", "x"], ["remove", "x"]):  # fmt: skip
        assert main(["schedule", *words]) == 2
        assert "there is no schedule x here" in capsys.readouterr().err
    assert said(capsys, "list") == "no schedule; begin with  gameday schedule apply FILE\n"
    said(capsys, "apply", "day.yaml")
    state = kept(here)
    said(capsys, "remove", "monthly")
    Schedules(here / ".gameday").put(state)
    assert "not in Temporal" in said(capsys, "list")
    assert main(["schedule", "trigger", "monthly"]) == 2
    assert "Temporal has no schedule monthly" in capsys.readouterr().err


def test_without_an_answer_of_temporal_the_calendar_is_shown_and_the_check_is_no_pass(
    day, here, capsys, monkeypatch
):
    said(capsys, "apply", "day.yaml")
    monkeypatch.delenv("TEMPORAL_ADDRESS")
    listed = said(capsys, "list", "--check", code=3)
    assert "not known" in listed
    assert "no Temporal is named" in listed
    overdue(here)
    before = kept(here)
    assert "OVERDUE" in said(capsys, "list", "--check", code=1)
    assert kept(here) == before
