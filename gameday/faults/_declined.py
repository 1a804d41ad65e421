"""Whether the client's samples show that a provider declined to answer."""

from gameday.domain.fault import Felt
from gameday.domain.sample import Outcome, Sample
from gameday.domain.window import Window
from gameday.faults._attempts import Effect, felt_by

# The official word, and the one that gateways pass on for it.
_REASONS = frozenset({"content_filter", "refusal"})


def felt_declined(provider: str, baseline: Window, faulted: Window) -> Felt:
    """By what the front door says of it, else by answers that are worth nothing.

    A gateway may pass a refusal on as if it were an answer like any other; then the scores of
    the suite alone tell, and they must stand out, since wrong answers occur on a good day too.
    """
    declined = "was declined there"
    told = Effect(
        ends=lambda outcome: outcome is not Outcome.OK,
        one=declined,
        many="were declined there",
        shows_in_answer=_says_so,
    )
    felt = felt_by(told, provider, baseline, faulted)
    if felt.felt:
        return felt
    worthless = "got an answer with a quality of 0"
    scored = Effect(
        ends=lambda _: False,
        one=worthless,
        many=worthless,
        beyond_baseline=2.0,
        shows_in_answer=lambda sample: sample.quality == 0,
    )
    by_scores = felt_by(scored, provider, baseline, faulted)
    return by_scores if by_scores.felt else felt


def _says_so(sample: Sample) -> bool:
    return not sample.good or sample.finish_reason in _REASONS
