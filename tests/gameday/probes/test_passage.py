from datetime import UTC, datetime

import pytest

from gameday.domain.front_door import Marker
from gameday.domain.gate import Call
from gameday.domain.sample import Outcome, Sample
from gameday.probes.passage import describe_passage, why_not_marked, why_not_seen

NOW = datetime.now(UTC)
GATES = {"primary": "l1", "secondary": "l2"}
SAMPLE = Sample(
    seq=0, case="c", intended_at=NOW, finished_at=NOW, send_lag_ms=0, latency_ms=1,
    outcome=Outcome.OK, request_id="gd-1",
)  # fmt: skip


def call(request_id="", run_id=""):
    return Call(provider="l1", request_id=request_id, run_id=run_id, started_at=NOW)


def test_no_call_at_all_is_a_base_url_that_does_not_name_the_gate():
    said = why_not_marked([], SAMPLE, Marker(header="x-gameday"), GATES)
    assert said == why_not_seen(GATES)
    assert "saw no request at all" in said
    assert "primary at listener l1, secondary at listener l2" in said


@pytest.mark.parametrize(
    ("marker", "words"),
    [
        (Marker(header="x-gameday"), "the header x-gameday is dropped on the way"),
        (Marker(body="metadata.gameday"), "the body field metadata.gameday is dropped"),
        (Marker(key="env:KEY"), "the providers are asked with another key"),
    ],
)
@pytest.mark.parametrize("calls", [[call()], [call(), call("gd-1"), call("other")]])
def test_a_call_without_its_mark_is_a_mark_that_is_dropped(marker, words, calls):
    said = why_not_marked(calls, SAMPLE, marker, GATES)
    assert "the gate saw the preflight's request without its mark" in said
    assert words in said
    assert "choose marker" in said


def test_others_calls_may_hide_that_it_went_another_way():
    said = why_not_marked([call("a"), call("b")], SAMPLE, Marker(header="x-gameday"), GATES)
    assert "the gate saw 2 calls" in said
    assert "without the gate" in said


def test_what_came_is_told():
    assert "at l1, with its mark" in describe_passage([call("gd-1", "RUN1")], "RUN1")
    assert "at l1, without a mark" in describe_passage([call("gd-1")], "RUN1")
