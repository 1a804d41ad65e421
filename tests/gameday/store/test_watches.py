"""A tick is kept whole and once; notices until they were taken; the ledger's lines with it."""

import sqlite3
import threading
from datetime import UTC, datetime, timedelta

import pytest

from gameday.domain.component import version_of
from gameday.domain.errors import FileError, StartError
from gameday.domain.ledger import Entry, differences
from gameday.domain.sample import Outcome
from gameday.domain.standing import Notice, Standing
from gameday.domain.tick import Heard, Tick
from gameday.domain.watch import Watch
from gameday.store.ledger import Ledger
from gameday.store.watches import Watches

AT = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
WATCH = Watch(target="shop", environment="staging", target_file="/x/gameday.yaml")


def tick(number, reference="ref", **fields):
    at = AT + timedelta(hours=number)
    heard = (Heard(case="a", rotating=True, outcome=Outcome.OK, sketch="ab", ended_at=at),)
    fields = {"heard": heard, "answered_by": {"heron-4": 1}} | fields
    return Tick(tick=f"t{number}", at=at, reference=reference, **fields)


def counting(standing, ticks):
    """Each tick counts once, and says so."""
    notice = Notice(notice=f"{ticks[-1].tick} sees", kind="sees", at=ticks[-1].at)
    return standing.model_copy(update={"ticks": standing.ticks + 1}), (notice,)


@pytest.fixture
def watches(tmp_path):
    kept = Watches(tmp_path / "state")
    kept.put(WATCH)
    return kept


def test_a_tick_that_is_tried_again_is_counted_once(watches):
    for _ in range(3):
        assert watches.keep(WATCH, tick(1), counting).ticks == 1
    assert watches.has(WATCH.name, "t1")
    assert not watches.has(WATCH.name, "t2")
    assert len(watches.untold(WATCH.name)) == 1
    assert watches.last_ticks(WATCH.name, 9) == [tick(1)]


def test_what_follows_is_told_the_ticks_of_the_same_recording(watches):
    seen = []

    def noting(standing, ticks):
        seen.append([one.tick for one in ticks])
        return standing, ()

    watches.keep(WATCH, tick(1), noting)
    watches.keep(WATCH, tick(2), noting)
    watches.keep(WATCH, tick(3, problem="it could not be asked"), noting)
    watches.keep(WATCH, tick(4, reference="other"), noting)
    watches.keep(WATCH, tick(5), noting)
    assert seen == [["t1"], ["t1", "t2"], ["t1", "t2"], ["t4"], ["t1", "t2", "t5"]]


def test_a_crash_on_the_way_leaves_nothing(watches):
    def crashing(standing, ticks):
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        watches.keep(WATCH, tick(1), crashing)
    assert not watches.has(WATCH.name, "t1")
    assert watches.ledger.last("shop", "staging", AT + timedelta(days=1)) is None
    assert watches.keep(WATCH, tick(1), counting).ticks == 1


def test_ticks_at_the_same_time_are_kept_one_after_the_other(watches):
    threads = [
        threading.Thread(target=watches.keep, args=(WATCH, tick(number), counting))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert watches.standing(WATCH.name).ticks == 8


def test_a_notice_stays_until_its_hook_took_it(watches):
    watches.keep(WATCH, tick(1), counting)
    watches.refused(WATCH.name, "t1 sees", "the pager answers 503")
    (told,) = watches.notices(WATCH.name)
    assert (told.told_at, told.failure) == (None, "the pager answers 503")
    assert [one.notice for one in watches.untold(WATCH.name)] == ["t1 sees"]
    watches.took(WATCH.name, "t1 sees", AT)
    (told,) = watches.notices(WATCH.name)
    assert (told.told_at, told.failure) == (AT, "")
    assert watches.untold(WATCH.name) == []


def test_telling_a_watch_anew_keeps_what_it_has_seen(watches):
    watches.keep(WATCH, tick(1), counting)
    slower = WATCH.model_copy(update={"every": 7200.0})
    watches.put(slower)
    assert watches.get(WATCH.name) == slower
    assert watches.standing(WATCH.name).ticks == 1
    assert watches.all() == [slower]
    assert watches.standing("another.one") == Standing()


def test_one_that_is_not_there_is_a_sentence(watches):
    with pytest.raises(FileError, match=r"nothing of the name shop\.live is watched"):
        watches.get("shop.live")


def test_old_ticks_are_forgotten_and_the_ledger_is_not(watches, monkeypatch):
    monkeypatch.setattr("gameday.store.watches._TICKS_KEPT", 3)
    for number in range(5):
        watches.keep(WATCH, tick(number), counting)
    assert [one.tick for one in watches.last_ticks(WATCH.name, 9)] == ["t2", "t3", "t4"]
    assert watches.ledger.last("shop", "staging", AT + timedelta(seconds=1)).at == AT


def entry(hour, models=("heron-4",), **components):
    return Entry(
        target="shop",
        environment="staging",
        at=AT + timedelta(hours=hour),
        by="record",
        components={name: version_of(value) for name, value in components.items()},
        answered_by=dict.fromkeys(models, 1),
    )


def test_the_ledger_knows_what_was_before(tmp_path):
    ledger = Ledger(tmp_path)
    for hour in (3, 1, 2):
        ledger.add(entry(hour, model=f"m-{hour}"), f"key {hour}")
    ledger.add(entry(9), "key 1")  # what was written once is not written again
    assert ledger.last("shop", "staging", AT + timedelta(hours=3)) == entry(2, model="m-2")
    assert ledger.last("shop", "staging", AT + timedelta(hours=1)) is None
    assert ledger.last("shop", "live", AT + timedelta(hours=9)) is None
    assert ledger.last("shop", "staging", AT + timedelta(hours=9)) == entry(3, model="m-3")


def test_what_differs_is_named():
    before = entry(1, model="a", prompt="p", corpus="c")
    assert differences(before, entry(2, model="a", prompt="p", corpus="c")) == ()
    assert differences(before, entry(2, model="b", prompt="p", corpus="d")) == ("model", "corpus")
    assert differences(before, entry(2, model="a")) == ()  # what cannot be read tells nothing
    renamed = entry(2, models=("heron-4", "heron-5"), model="a")
    assert differences(before, renamed) == ("model's name or fingerprint",)
    # A fallback that answered before and does not now is no news.
    assert differences(entry(1, models=("heron-4", "marlin-2")), entry(2)) == ()


def test_a_state_folder_keeps_its_place(tmp_path):
    one, other = Ledger(tmp_path / "one"), Ledger(tmp_path / "other")
    assert one.place == Ledger(tmp_path / "one").place
    assert one.place != other.place


def test_a_file_of_another_version_is_refused(tmp_path):
    ledger = Ledger(tmp_path)
    assert ledger.place
    with sqlite3.connect(ledger.file) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(FileError, match="is of version 99; this program knows version 3"):
        _ = ledger.place


def test_a_folder_that_is_none_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match="cannot be used"):
        _ = Ledger(tmp_path / "file").place


def test_what_ticks_measured_outlives_them_and_is_kept_once(watches):
    for number in (1, 1, 2):
        watches.keep(WATCH, tick(number, heard=answers(number), cost_usd=0.06), counting)
    (first, figures), (second, _) = watches.gauges(WATCH.name)
    assert second - first == timedelta(hours=1)
    assert {one.key: one.value for one in figures} == {
        "watch latency_ms_p50": 300.0,
        "watch error_share": 0.25,
        "watch attempts_per_request": 1.25,
        "watch cost_per_answer_usd": 0.02,
        "watch quality": 0.375,
    }
    assert "sk1" not in str(figures)  # sketches are confidential, and stay with the tick


def answers(number):
    """Three answers of a tick that cost $0.06, and one that failed."""
    at = AT + timedelta(hours=number)
    common = {"rotating": True, "ended_at": at, "sketch": "sk1"}
    good = [
        Heard(case=case, outcome=Outcome.OK, quality=0.5, latency_ms=ms, attempts=1, **common)
        for case, ms in (("a", 100.0), ("b", 300.0), ("c", 500.0))
    ]
    return (*good, Heard(case="d", outcome=Outcome.TIMEOUT, attempts=2, **common))


def test_a_tick_that_could_not_ask_measures_nothing(watches):
    blind = tick(1, heard=(), problem="it could not be asked")
    watches.keep(WATCH, blind, lambda standing, _: (standing, ()))
    assert watches.gauges(WATCH.name) == []


def test_figures_older_than_two_years_go(watches):
    watches.keep(WATCH, tick(1, heard=answers(1)), counting)
    watches.keep(WATCH, tick(24 * 731, heard=answers(24 * 731)), counting)
    assert len(watches.gauges(WATCH.name)) == 1
