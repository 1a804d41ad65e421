"""Recorded arrival times: read strictly, planned by their mean, and sent as they came."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.catalog.files import load_drill
from gameday.catalog.recording import mean_rate_per_s, read_recording
from gameday.domain.errors import FileError
from gameday.domain.quantities import plain
from gameday.probes.schedule import arrivals

DRILL = """
drill: replayed
title: Monday morning again
hypothesis: It holds.
target: lab
load: {{{load}, suite: support}}
windows: {{baseline: 20s, faulted: 20s, recovered: 20s}}
faults: [{{kind: connection_refused, on: provider/primary}}]
checks: [{{kind: slo, name: availability}}]
"""


def recording(tmp_path, text):
    path = tmp_path / "monday.txt"
    path.write_text(text)
    return path


def test_seconds_and_moments_are_the_same_recording(tmp_path):
    assert read_recording(recording(tmp_path, "3\n3.5\n3.5\n7e0\n")) == (3.0, 3.5, 3.5, 7.0)
    moments = "2026-11-21T10:00:03Z\n2026-11-21T11:00:03.500+01:00\n2026-11-21 10:00:07"
    first, second, last = read_recording(recording(tmp_path, moments))
    assert (second - first, last - first) == (0.5, 4.0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1\n2\nthree\n", r"monday.txt:3  found 'three'; expected seconds"),
        ("1\n\n3\n", r":2  found ''"),
        ("1\nnan\n", r":2  found 'nan'"),
        ("1\ninf\n", r":2  found 'inf'"),
        ("2\n1\n", r":2  '1' is earlier than the line before"),
        ("1\n2026-11-21T10:00:03Z\n", r":2  .*the first line is seconds, so all must be"),
        ("2026-11-21T10:00:03Z\n1\n", r":2  .*the first line is a moment"),
        ("2026-11-21T10:00:03Z\n2026-13-21T10:00:03Z\n", r":2  found '2026-13"),
        ("", r":1  expected at least two arrivals; found 0"),
        ("5\n", r":1  expected at least two arrivals; found 1"),
        ("5\n5\n", r":2  .*all are at the same moment"),
    ],
)
def test_what_is_no_recording_is_said_with_its_line(tmp_path, text, says):
    with pytest.raises(FileError, match=says):
        read_recording(recording(tmp_path, text))


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(FileError, match=r"nothing.txt  cannot be read"):
        read_recording(tmp_path / "nothing.txt")


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=30, unique=True).map(sorted))
def test_what_is_written_is_read_back(tmp_path_factory, times):
    path = recording(tmp_path_factory.mktemp("r"), "\n".join(plain(at) for at in times))
    assert list(read_recording(path)) == times


def drill(tmp_path, load):
    path = tmp_path / "replayed.yaml"
    path.write_text(DRILL.format(load=load))
    return load_drill(path)


def test_a_drill_replays_what_lies_beside_it(tmp_path):
    recording(tmp_path, "10\n10.1\n10.5\n11\n12\n")
    load = drill(tmp_path, "replay: monday.txt").load
    assert load.rate == mean_rate_per_s(read_recording(load.replay)) == 2.0
    assert load.shape == "recorded arrivals, 2/s on average"
    due = list(islice(arrivals(load, 1), 7))
    assert due == pytest.approx([0, 0.1, 0.5, 1, 2, 2.5, 2.6]), "and then once more from the start"
    assert load.offered().by_chance


@pytest.mark.parametrize(
    ("load", "says"),
    [
        ("replay: monday.txt, rate: 5/s", r"replayed.yaml:6:\d+  .*expected only one"),
        ("replay: monday.txt, arrivals: poisson", "expected no stages and no arrivals"),
        ("replay: monday.txt, stages: [{{to: 5/s, over: 5s}}]", "expected no stages"),
        ("replay: tuesday.txt", r"tuesday.txt  cannot be read"),
        ("replay: 7", "replay"),
    ],
)
def test_a_load_has_one_schedule(tmp_path, load, says):
    recording(tmp_path, "1\n2\n3\n")
    with pytest.raises(FileError, match=says):
        drill(tmp_path, load.replace("{{", "{").replace("}}", "}"))
