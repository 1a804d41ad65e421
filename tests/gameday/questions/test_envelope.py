"""`envelope`: one answer for each verdict, and none without an answer to judge."""

import pytest

from gameday.domain.quality_envelope import Verdict
from gameday.questions.envelope import Envelope
from tests.gameday.questions.heard import Heard, findings


@pytest.mark.parametrize(
    ("verdict", "answer"),
    [
        (Verdict.INSIDE, "inside"),
        (Verdict.OUTSIDE, "outside"),
        (Verdict.UNDECIDED, "undecided"),
    ],
)
async def test_each_verdict_is_an_answer(verdict, answer):
    said = await Envelope().ask(Heard(findings(verdict, difference=-0.34)))
    assert said.answer == answer
    assert said.answer in Envelope.answers
    assert "60 answers is -34 points against the record, margin 10" in said.reason
    assert said.evidence["requests"] == 60


async def test_a_system_that_nobody_could_ask_is_unknown():
    said = await Envelope().ask(
        Heard(findings(Verdict.UNDECIDED, problem="none of 20 requests got an answer (20 refused)"))
    )
    assert (said.answer, said.reason) == (
        "unknown",
        "none of 20 requests got an answer (20 refused)",
    )


async def test_its_settings_are_what_is_asked():
    heard = Heard()
    await Envelope(margin=0.05, requests=120, rate="2/s").ask(heard)
    assert heard.asked == [(0.05, 120, 2.0)]
