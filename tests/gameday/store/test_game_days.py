"""What game days left is found beside their runs."""

from datetime import UTC, datetime, timedelta

import pytest

from gameday.domain.errors import FileError
from gameday.domain.game_day import DrillOutcome, GameDayResult, People
from gameday.store.game_days import game_days_in, is_game_day, read_game_day, write_game_day

AT = datetime(2027, 1, 5, 9, tzinfo=UTC)


def day(day_id, after_h=0):
    return GameDayResult(
        id=day_id, game_day="quarterly", title="t", target="lab", environment="lab",
        people=People(leads="ana"), requested_by="ana", digest="d",
        started_at=AT + timedelta(hours=after_h),
        drills=(DrillOutcome(drill="noop", title="t", hypothesis="h"),),
    )  # fmt: skip


def test_a_day_is_read_as_it_was_written_and_the_newest_comes_first(tmp_path, caplog):
    assert game_days_in(tmp_path / "runs") == []
    for number in range(2):
        write_game_day(tmp_path / f"D{number}", day(f"D{number}", number))
    (tmp_path / "7Q2K").mkdir()
    (tmp_path / "D2").mkdir()
    (tmp_path / "D2" / "game_day.json").write_text("{")
    assert read_game_day(tmp_path / "D1") == day("D1", 1)
    assert not is_game_day(tmp_path / "7Q2K")
    assert [found.id for found in game_days_in(tmp_path)] == ["D1", "D0"]
    assert "not a GameDayResult" in caplog.text


def test_a_folder_without_one_says_so(tmp_path):
    with pytest.raises(FileError, match="there is no game day in"):
        read_game_day(tmp_path)
