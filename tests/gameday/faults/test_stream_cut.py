"""stream_cut: n content events pass, then the connection ends in one of three ways."""

import pytest

from gameday.catalog.kinds import faults
from gameday.domain.drill import FaultSpec
from gameday.domain.errors import FileError
from gameday.domain.sample import Outcome
from gameday.domain.wire import End, Ending
from gameday.faults.stream_cut import StreamCut
from tests.gameday.faults.judged import ELSEWHERE, answered, at_primary, counted, window
from tests.gameday.faults.wired import DIALECTS, events_of, wire

GOOD = window([answered()] * 20)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("how", Ending)
def test_so_many_content_events_pass_and_then_it_ends(dialect: str, how: Ending):
    wired = wire(StreamCut(after_tokens=3, how=how), dialect)
    assert wired.contents(dialect) == 3
    assert wired.flat[-1] == End(how)
    whole = b"".join(event.raw for event in events_of(dialect))
    assert whole.startswith(wired.sent)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_after_none_the_opening_passes_and_no_content(dialect: str):
    wired = wire(StreamCut(after_tokens=0), dialect)
    assert wired.contents(dialect) == 0
    assert wired.sent
    assert wired.flat[-1] == End(Ending.RST)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_answer_of_no_more_content_is_left_alone(dialect: str):
    events = events_of(dialect)
    contents = sum(event.is_content for event in events)
    wired = wire(StreamCut(after_tokens=contents), dialect)
    assert wired.sent == b"".join(event.raw for event in events)
    assert End not in {type(step) for step in wired.flat}


def test_settings_as_a_drill_states_them():
    spec = FaultSpec(
        kind="stream_cut", on="provider/primary", settings={"after_tokens": 7, "how": "clean"}
    )
    assert faults.make(spec) == StreamCut(after_tokens=7, how=Ending.CLEAN)
    with pytest.raises(FileError, match="'rst', 'fin' or 'clean', found \"gently\""):
        faults.make(spec.model_copy(update={"settings": {"how": "gently"}}))


@pytest.mark.parametrize(
    "seen",
    [
        at_primary(Outcome.RESET),
        at_primary(Outcome.MALFORMED),
        answered(Outcome.CUT, excerpt="Refunds take"),
        answered(excerpt="Refunds take"),  # a gateway made up the end
    ],
)
def test_felt_in_the_attempt_or_in_the_answer(seen):
    felt = StreamCut().felt(counted(3), "primary", GOOD, window([seen] * 3))
    assert felt.sentence == (
        "the gate changed 3 of 3 answers; 3 requests tried primary and were cut short"
    )
    assert felt.count == 3


@pytest.mark.parametrize(
    ("record", "seen", "why"),
    [
        (counted(3), [answered()] * 9, "9 requests tried primary, and none was cut short"),
        (counted(3), [ELSEWHERE] * 2, "none of 2 requests tried primary"),
        (counted(0, 5), [answered(Outcome.CUT)], "5 matched, and no answer was changed"),
        (
            counted(3),
            [answered(Outcome.CUT, by="secondary")],
            "none of 1 requests tried primary",
        ),
    ],
)
def test_not_felt(record, seen, why):
    felt = StreamCut().felt(record, "primary", GOOD, window(seen))
    assert not felt.felt
    assert why in felt.sentence


def test_short_answers_are_usual_where_they_were_before():
    short = window([answered(excerpt="Yes.")] * 20)
    assert not StreamCut().felt(counted(20), "primary", short, short).felt
