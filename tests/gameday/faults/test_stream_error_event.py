"""stream_error_event: the dialect's error event stands in the stream, which ends or goes on."""

import json
from typing import Any

import pytest

from gameday.catalog.kinds import faults
from gameday.domain.drill import FaultSpec
from gameday.domain.errors import FileError
from gameday.domain.sample import Outcome
from gameday.domain.wire import Condition, End, Ending
from gameday.faults.stream_error_event import StreamErrorEvent
from gameday.gate.dialects import find
from tests.gameday.faults.judged import answered, counted, window
from tests.gameday.faults.wired import DIALECTS, asked, events_of, wire

GOOD = window([answered()] * 20)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("condition", ["overloaded", "server_error"])
def test_the_error_is_the_dialects_own_and_the_stream_ends(dialect: str, condition: Any):
    wired = wire(StreamErrorEvent(after_tokens=2, condition=condition), dialect)
    assert wired.contents(dialect) == 2
    assert wired.flat[-1] == End(Ending.CLEAN)
    last = wired.events(dialect)[-1]
    assert last.raw == find(dialect).error_event(Condition(condition), asked(dialect))
    assert json.loads(last.data)["error"]["message"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_or_goes_on_and_loses_nothing(dialect: str):
    wired = wire(StreamErrorEvent(after_tokens=2, then="go_on"), dialect)
    error = find(dialect).error_event(Condition.OVERLOADED, asked(dialect))
    assert wired.sent.count(error) == 1
    assert wired.sent.replace(error, b"") == b"".join(event.raw for event in events_of(dialect))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("condition", ["overloaded", "server_error"])
def test_every_provider_can_say_so(dialect: str, condition: str):
    spec = FaultSpec(
        kind="stream_error_event", on="provider/primary", settings={"condition": condition}
    )
    fault = faults.make(spec)
    assert isinstance(fault, StreamErrorEvent)
    assert fault.misfit(find(dialect)) == ""


def test_what_no_stream_says_is_refused():
    spec = FaultSpec(
        kind="stream_error_event", on="provider/primary", settings={"condition": "credit"}
    )
    with pytest.raises(FileError, match="'overloaded' or 'server_error', found \"credit\""):
        faults.make(spec)


def test_felt():
    cut = window([answered(Outcome.CUT, excerpt="Refunds take")] * 2)
    assert StreamErrorEvent().felt(counted(2), "primary", GOOD, cut).count == 2
    assert not StreamErrorEvent().felt(counted(2), "primary", GOOD, GOOD).felt
