"""What stands behind a provider's models: each names its versions by what they are."""

import random

from lab.engine import Prompt, answer
from lab.model_version import HERON
from lab.provider.engines import Practice

PROMPT = Prompt("<context>\n# Fees\nThe fee is 3 euro.\n</context>", "How much is the fee?")


async def gone() -> bool:
    return True


def test_the_fingerprint_is_the_versions() -> None:
    assert Practice().fingerprint(HERON) == Practice().fingerprint(HERON)
    assert Practice().fingerprint(HERON) != Practice().fingerprint(HERON.at_speed(2))


async def test_the_lab_s_own_engine_answers_as_it_does_without_a_provider() -> None:
    said = await Practice().answer(PROMPT, HERON, random.Random(3), gone)
    assert said == answer(PROMPT, HERON, random.Random(3))
