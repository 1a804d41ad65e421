"""The provider's log: bounded, in order, and cut at the asked time."""

from datetime import UTC, datetime, timedelta

import pytest

from gameday.domain.record import ServedEntry
from gameday.domain.sample import Outcome
from lab.provider import request_log
from lab.provider.request_log import RequestLog

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def test_entries_are_what_gameday_reads() -> None:
    log = RequestLog()
    log.add("a", Outcome.CUT, "m", 3, 4)
    (entry,) = log.since(LONG_AGO)
    known = {key: entry[key] for key in ServedEntry.model_fields}
    assert ServedEntry.model_validate(known).outcome == "cut"
    assert (entry["model"], entry["tokens_in"], entry["tokens_out"]) == ("m", 3, 4)


def test_what_ended_before_is_left_out() -> None:
    log = RequestLog()
    log.add("a", Outcome.OK, "m", 3, 4)
    assert log.since(datetime.now(UTC) + timedelta(hours=1)) == []


def test_the_oldest_entries_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_log, "_ENTRIES_MAX", 3)
    log = RequestLog()
    for number in range(5):
        log.add(str(number), Outcome.OK, "m", 1, 1)
    assert [entry["request_id"] for entry in log.since(LONG_AGO)] == ["2", "3", "4"]
