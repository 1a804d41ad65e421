"""What others measured and said is kept with the run, and alerts are lines of its journal."""

from datetime import UTC, datetime, timedelta

from gameday.domain.alerts import AlertState, Sighting, Stage
from gameday.domain.reading import Reading
from gameday.store.journal import merge_events, verify_chain, write_journal
from gameday.store.run_folder import RunFolder

AT = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)


def saw(after_s, state, alert="Errors", stage=Stage.PROMETHEUS, **more):
    return Sighting(
        at=AT + timedelta(seconds=after_s), stage=stage, state=state, alert=alert, **more
    )


def reading(window, part, value):
    return Reading(
        slo="x",
        window=window,
        part=part,
        source="up",
        place="http://127.0.0.1:1",
        asked_at=AT,
        start_s=0,
        end_s=1,
        points=((0.5, value),),
    )


def test_sightings_of_several_windows_are_read_in_order_of_time(tmp_path):
    folder = RunFolder(tmp_path)
    assert folder.read_sightings() == ()
    folder.add_sightings([saw(9, AlertState.FIRING)])
    folder.add_sightings([saw(2, AlertState.PENDING), saw(20, AlertState.GONE)])
    assert [seen.state for seen in folder.read_sightings()] == ["pending", "firing", "gone"]


def test_a_reading_of_the_same_part_and_window_replaces_the_one_before(tmp_path):
    folder = RunFolder(tmp_path)
    assert folder.read_readings() == ()
    folder.add_readings([reading("baseline", "good", 1), reading("faulted", "good", 2)])
    folder.add_readings([reading("faulted", "good", 3)])
    kept = {one.window: one.points[0][1] for one in folder.read_readings()}
    assert kept == {"baseline": 1, "faulted": 3}


def test_alerts_are_lines_of_the_journal_and_quiet_stages_are_not(tmp_path):
    folder = RunFolder(tmp_path)
    folder.add_sightings(
        [
            saw(1, AlertState.READ, alert=""),
            saw(4, AlertState.FIRING, stage=Stage.SINK, receivers=("pager",)),
            saw(6, AlertState.UNREAD, alert="", detail="no answer"),
        ]
    )
    events = merge_events(folder, AT + timedelta(seconds=60))
    told = [(event.what, event.facts) for event in events if event.author == "alerts"]
    assert told == [
        ("alert firing", {"alert": "Errors", "at": "sink", "receivers": "pager"}),
        ("not_watched", {"at": "prometheus", "more": "no answer"}),
    ]
    write_journal(folder, events)
    assert verify_chain(folder.journal_file) is None
