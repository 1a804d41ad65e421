"""stream_stall: n content events pass, then silence or comments, and in the end the rest."""

import pytest

from gameday.catalog.kinds import faults
from gameday.domain.drill import FaultSpec
from gameday.domain.errors import FileError
from gameday.domain.sample import Outcome
from gameday.domain.wire import Send, Stall
from gameday.faults.stream_stall import StreamStall
from tests.gameday.faults.judged import answered, counted, window
from tests.gameday.faults.wired import DIALECTS, events_of, wire

GOOD = window([answered(latency_ms=500.0 + n) for n in range(20)])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_it_stalls_once_and_loses_nothing(dialect: str):
    wired = wire(StreamStall(after_tokens=2), dialect)
    assert wired.sent == b"".join(event.raw for event in events_of(dialect))
    assert [step for step in wired.flat if isinstance(step, Stall)] == [Stall()]
    before = wired.flat[: wired.flat.index(Stall())]
    contents = {event.raw for event in events_of(dialect) if event.is_content}
    assert sum(isinstance(step, Send) and step.data in contents for step in before) == 2


def test_it_can_keep_the_connection_alive():
    wired = wire(StreamStall.model_validate({"after_tokens": 2, "keep_alive": "500ms"}), "openai")
    assert Stall(alive=b": keep-alive\n\n", every_s=0.5) in wired.flat


def test_settings_as_a_drill_states_them():
    spec = FaultSpec(kind="stream_stall", on="provider/p", settings={"keep_alive": "500ms"})
    fault = faults.make(spec)
    assert isinstance(fault, StreamStall)
    assert fault.keep_alive == 0.5
    with pytest.raises(FileError, match="keep_alive"):
        faults.make(spec.model_copy(update={"settings": {"keep_alive": "10ms"}}))


def test_felt_by_whoever_was_cut_or_had_to_wait():
    seen = [
        answered(Outcome.TIMEOUT, excerpt="", latency_ms=3000.0),
        answered(Outcome.CUT, latency_ms=3000.0),
        answered(latency_ms=1037.0),
        answered(latency_ms=1036.0),
    ]
    felt = StreamStall().felt(counted(3), "primary", GOOD, window(seen))
    assert felt.sentence.endswith(
        "3 requests tried primary and were cut short or took over 1036 ms (baseline p95 518 ms)"
    )
    assert not StreamStall().felt(counted(3), "primary", GOOD, GOOD).felt


def test_without_a_baseline_only_a_cut_is_felt():
    nothing = window([])
    slow, cut = answered(latency_ms=9000.0), answered(Outcome.CUT)
    assert not StreamStall().felt(counted(1), "primary", nothing, window([slow])).felt
    assert StreamStall().felt(counted(1), "primary", nothing, window([cut])).felt
