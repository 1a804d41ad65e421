"""`provider_reachable`: one answer is a yes; a no needs several requests that failed there."""

import pytest

from gameday.catalog.files import load_target
from gameday.domain.question import Attempts
from gameday.questions.provider_reachable import ProviderReachable
from tests.gameday.catalog.authored import TARGET, written
from tests.gameday.questions.heard import Heard

ASKED = ProviderReachable(provider="primary")


@pytest.mark.parametrize(
    ("tried", "answer", "reason"),
    [
        (Attempts(answered=1, outcomes={"refused": 5, "ok": 1}), "yes", "primary answered 1 of 6"),
        (Attempts(outcomes={"refused": 3}), "no", "primary answered none of 3 (3 refused)"),
        (
            Attempts(outcomes={"refused": 2}),
            "unknown",
            "only 2 requests tried primary (2 refused); 3 tell",
        ),
        (Attempts(), "unknown", "no request tried primary"),
        (
            Attempts(told=False),
            "unknown",
            "the front door's answers do not tell which providers were asked",
        ),
    ],
)
async def test_what_the_attempts_tell(tried, answer, reason):
    said = await ASKED.ask(Heard(tried=tried))
    assert (said.answer, said.reason) == (answer, reason)


def test_a_provider_that_is_none(tmp_path):
    target = load_target(written(tmp_path, TARGET))
    assert ASKED.cannot_be_asked(target) == ""
    assert "no provider 'third'" in ProviderReachable(provider="third").cannot_be_asked(target)
