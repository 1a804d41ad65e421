"""How often there is an alarm where nothing changes, on streams that are made up anew each time.

Recorded and new answers of each stream are drawn from the same law, so that these shares, unlike
those of one recorded set that is divided again and again, are what alpha bounds. Beside them,
streams whose quality is exactly at the margin, where every verdict of the envelope is wrong.
"""

import random
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from gameday.domain.betting import Answer, Betting, Kinship
from gameday.domain.quality_envelope import QualityEnvelope, Verdict
from gameday.domain.sketch import sketch_of

ALPHAS = (0.1, 0.05, 0.01, 0.001)
LOOKS = {"after every answer": 1, "after every 10": 10, "once, at the end": 160}
_PROMPTS, _ROUNDS, _RECORDED = 8, 20, 40
_ANSWERS = 30  # different ones to a prompt
_WORDS = tuple(f"w{place}" for place in range(12))
_MARGIN, _SHARE = 0.10, 0.7
_SCORED_PROMPTS, _SCORED_ROUNDS, _SCORED_RECORDED = 12, 30, 60


class Law:
    """How a made-up model answers: to each prompt a few answers often and many seldom."""

    def __init__(self, seed: int) -> None:
        draw = random.Random(seed)  # noqa: S311 - repeatable
        self._answers = [
            [sketch_of(" ".join(draw.choices(_WORDS, k=8))) for _ in range(_ANSWERS)]
            for _ in range(_PROMPTS)
        ]
        self._weights = list(accumulate(1 / (1 + place) for place in range(_ANSWERS)))
        self.kinship = Kinship()

    def answers(self, prompt: int, count: int, draw: random.Random) -> list[str]:
        return draw.choices(self._answers[prompt], cum_weights=self._weights, k=count)


def highest_evidence(law: Law, seed: str) -> dict[str, float]:
    """Of one stream in which nothing changes: the most that each schedule of looks sees."""
    draw = random.Random(seed)  # noqa: S311 - repeatable
    recorded = {str(p): law.answers(p, _RECORDED, draw) for p in range(_PROMPTS)}
    betting = Betting(recorded, kinship=law.kinship)
    most = dict.fromkeys(LOOKS, 0.0)
    for answer in range(_PROMPTS * _ROUNDS):
        prompt = answer % _PROMPTS
        betting.see(Answer(str(prompt), law.answers(prompt, 1, draw)[0]))
        for name, every in LOOKS.items():
            if (answer + 1) % every == 0:
                most[name] = max(most[name], betting.evidence)
    return most


def verdict_at_the_margin(seed: str, *, alpha: float, uneven: bool) -> Verdict:
    """Of one stream whose quality has fallen by exactly the margin.

    uneven: half of the prompts fell by three margins, the other half rose by one.
    """
    draw = random.Random(seed)  # noqa: S311 - repeatable
    falls = [_MARGIN + (2 * _MARGIN if place % 2 else -2 * _MARGIN) * uneven for place in range(12)]
    right = round(_SHARE * _SCORED_RECORDED)
    scores = [1.0] * right + [0.0] * (_SCORED_RECORDED - right)
    envelope = QualityEnvelope(
        {str(p): scores for p in range(_SCORED_PROMPTS)}, margin=_MARGIN, alpha=alpha
    )
    for _ in range(_SCORED_ROUNDS):
        for prompt in draw.sample(range(_SCORED_PROMPTS), _SCORED_PROMPTS):
            envelope.see(str(prompt), float(draw.random() < _SHARE - falls[prompt]))
            if envelope.verdict is not Verdict.UNDECIDED:
                return envelope.verdict
    return Verdict.UNDECIDED


def simulate(streams: int) -> dict[str, Any]:
    """Shares of the streams with a false alarm, or a wrong verdict, by what bounds them."""
    law = Law(seed=1)
    evidence = [highest_evidence(law, f"null {stream}") for stream in range(streams)]
    return {
        "streams": streams,
        "changed": {
            name: {str(a): _share(sum(e[name] >= 1 / a for e in evidence), streams) for a in ALPHAS}
            for name in LOOKS
        },
        "envelope": {
            "all prompts alike": _wrong_verdicts(streams, uneven=False),
            "prompts unlike": _wrong_verdicts(streams, uneven=True),
        },
    }


def _wrong_verdicts(streams: int, *, uneven: bool) -> Mapping[str, Mapping[str, float]]:
    found = {}
    for alpha in ALPHAS[:-1]:
        verdicts = [
            verdict_at_the_margin(f"margin {stream}", alpha=alpha, uneven=uneven)
            for stream in range(streams)
        ]
        found[str(alpha)] = {
            wrong.value.lower(): _share(verdicts.count(wrong), streams)
            for wrong in (Verdict.INSIDE, Verdict.OUTSIDE)
        }
    return found


def _share(count: int, of: int) -> float:
    return round(count / of, 4)
