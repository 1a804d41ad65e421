"""`slo`: what the objective's own judgement says, and never more."""

import pytest

from gameday.catalog.files import load_target
from gameday.domain.check import Finding
from gameday.domain.verdict import Held
from gameday.questions.slo import Slo
from tests.gameday.catalog.authored import TARGET, written
from tests.gameday.questions.heard import Heard


@pytest.mark.parametrize(
    ("held", "answer"), [(Held.YES, "met"), (Held.NO, "missed"), (Held.UNKNOWN, "unknown")]
)
async def test_each_judgement_is_an_answer(held, answer):
    heard = Heard(finding=Finding(held=held, reason="97.1 % of 600 (objective 99.5 %)"))
    said = await Slo(slo="availability").ask(heard)
    assert (said.answer, said.reason) == (answer, "97.1 % of 600 (objective 99.5 %)")
    assert heard.asked == ["availability"]


def test_an_objective_that_the_target_does_not_state(tmp_path):
    target = load_target(written(tmp_path, TARGET))
    assert Slo(slo="latency_p95").cannot_be_asked(target) == ""
    assert Slo(slo="ttft_p95").cannot_be_asked(target) == (
        "the target states no objective 'ttft_p95' (it has: availability, latency_p95)"
    )
