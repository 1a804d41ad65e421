"""One run: answers of a variant come in, in shuffled rounds, and are looked at one by one.

A run draws which recorded answers lie in reserve and in which order everything comes. Where the
variant is the reference itself, its answers are divided into recorded and new ones, so that none is
both.
"""

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from bench.drift.answers import Answers
from gameday.domain.betting import Answer, Betting, Kinship
from gameday.domain.quality_envelope import QualityEnvelope, Verdict

T = TypeVar("T")
ALARM_REQUESTS_MAX = 650
ENVELOPE_REQUESTS_MAX = 720


def requests_to_alarm(
    base: Answers, variant: Answers, *, alpha: float, seed: str, kinship: Kinship
) -> int | None:
    """After how many requests the bets alarm, looked at after each; None where they never do."""
    draw = random.Random(seed)  # noqa: S311 - repeatable
    recorded, new = _divided(base.sketches, variant.sketches, ALARM_REQUESTS_MAX, draw)
    betting = Betting(recorded, kinship=kinship)
    coming = islice(_rounds(new, draw), ALARM_REQUESTS_MAX)
    for request, (prompt, sketch) in enumerate(coming, start=1):
        betting.see(Answer(prompt, sketch))
        if betting.evidence >= 1 / alpha:
            return request
    return None


def verdict_of_envelope(
    base: Answers, variant: Answers, *, margin: float, alpha: float, seed: str
) -> tuple[Verdict, int]:
    """The verdict, and after how many requests; of UNDECIDED, how many there were."""
    draw = random.Random(seed)  # noqa: S311 - repeatable
    recorded, new = _divided(base.scores, variant.scores, ENVELOPE_REQUESTS_MAX, draw)
    envelope = QualityEnvelope(recorded, margin=margin, alpha=alpha)
    request = 0
    for prompt, score in islice(_rounds(new, draw), ENVELOPE_REQUESTS_MAX):
        envelope.see(prompt, score)
        request += 1
        if envelope.verdict is not Verdict.UNDECIDED:
            break
    return envelope.verdict, request


def _divided(
    base: Mapping[str, Sequence[T]],
    variant: Mapping[str, Sequence[T]],
    requests_max: int,
    draw: random.Random,
) -> tuple[dict[str, list[T]], dict[str, list[T]]]:
    """Recorded and new answers by prompt, in a drawn order; of prompts that the variant has."""
    recorded, new = {}, {}
    for prompt, answers in variant.items():
        known = draw.sample(base.get(prompt, ()), len(base.get(prompt, ())))
        if variant is base:
            wanted = min(math.ceil(requests_max / len(variant)), len(known) // 2)
            recorded[prompt], new[prompt] = known[wanted:], known[:wanted]
        else:
            recorded[prompt], new[prompt] = known, draw.sample(answers, len(answers))
    return recorded, new


def _rounds(new: Mapping[str, list[T]], draw: random.Random) -> Iterator[tuple[str, T]]:
    """Each prompt once a round, the rounds shuffled, while answers last."""
    left = {prompt: list(answers) for prompt, answers in new.items()}
    while order := [prompt for prompt, answers in left.items() if answers]:
        for prompt in draw.sample(order, len(order)):
            yield prompt, left[prompt].pop()
