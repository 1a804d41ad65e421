"""What became of the requests for which a system asked one provider, by what its answers tell."""

from collections import Counter

from gameday.domain.question import Attempts
from gameday.domain.sample import Outcome
from gameday.domain.samples import Samples


def attempts_of(samples: Samples, provider: str) -> Attempts:
    """Each try at that provider, by how it ended."""
    outcomes, told = Counter[str](), False
    for sample in samples:
        told = told or bool(sample.attempts)
        outcomes.update(str(one.outcome) for one in sample.attempts if one.provider == provider)
    return Attempts(
        answered=outcomes[Outcome.OK], outcomes=dict(sorted(outcomes.items())), told=told
    )
