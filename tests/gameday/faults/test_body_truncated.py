"""body_truncated: a part of the bytes is kept, so that the JSON breaks off."""

import json
from typing import Any

import pytest

from gameday.catalog.kinds import faults
from gameday.domain.drill import FaultSpec
from gameday.domain.errors import FileError
from gameday.domain.sample import Outcome
from gameday.domain.wire import End, Ending, Send
from gameday.faults.body_truncated import BodyTruncated
from tests.gameday.faults.judged import answered, at_primary, counted, window
from tests.gameday.faults.wired import DIALECTS, body_of, events_of, hit_of, wire

GOOD = window([answered()] * 20)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("kept", [0.001, 0.5, 0.999])
@pytest.mark.parametrize("how", ["fin", "clean"])
def test_a_body_breaks_off(dialect: str, kept: float, how: Any):
    body = body_of(dialect)
    fault = BodyTruncated(kept=kept, how=how)
    sent, end = fault.on_body(hit_of(dialect, stream=False), body)
    assert isinstance(sent, Send)
    assert 0 < len(sent.data) < len(body)
    assert len(sent.data) == pytest.approx(len(body) * kept, abs=1)
    assert body.startswith(sent.data)
    assert end == End(Ending(how))
    with pytest.raises(json.JSONDecodeError):
        json.loads(sent.data)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_stream_breaks_off_inside_an_event(dialect: str):
    wired = wire(BodyTruncated(after_tokens=2), dialect)
    assert b"".join(event.raw for event in events_of(dialect)).startswith(wired.sent)
    *whole, rest = wired.sent.split(b"\n\n")
    own = [event for event in events_of(dialect) if event.is_content]
    assert sum(raw + b"\n\n" in [event.raw for event in own] for raw in whole) == 2
    assert len(rest) == len(own[2].raw) // 2
    assert wired.flat[-1] == End(Ending.FIN)


def test_an_empty_body_has_nothing_to_lose():
    assert list(BodyTruncated().on_body(hit_of("openai", stream=False), b"")) == [Send(b"")]


@pytest.mark.parametrize("settings", [{"kept": 0}, {"kept": 1}, {"how": "rst"}])
def test_bad_settings_are_refused(settings: dict):
    with pytest.raises(FileError, match="body_truncated"):
        faults.make(FaultSpec(kind="body_truncated", on="provider/p", settings=settings))


def test_felt():
    seen = window([at_primary(Outcome.MALFORMED), at_primary(Outcome.RESET)])
    assert BodyTruncated().felt(counted(2), "primary", GOOD, seen).count == 2
    assert not BodyTruncated().felt(counted(2), "primary", GOOD, GOOD).felt
