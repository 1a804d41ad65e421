"""Quality and passing: weighted, negated, in sets, and never guessed where a score is missing."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.scorer import Answered, Scorer
from gameday.domain.scoring import UNSCORED, Mark, Rated, RatedSet, Scored

SAID = Answered("Within 30 days.")


class Says(Scorer):
    """A scorer that always says the same."""

    value: float | None

    def score(self, answered: Answered) -> float | None:
        return self.value


class Breaks(Scorer):
    """A scorer with a bug."""

    def score(self, answered: Answered) -> float | None:
        raise ZeroDivisionError("division by zero")


def rated(value, weight=1.0, at_least=1.0, *, negated=False, name="one"):
    return Rated(name, Says(value=value), weight, at_least, negated)


def scored(*members, pass_at=None):
    return Scored.of(RatedSet("case", members, pass_at=pass_at), SAID)


@pytest.mark.parametrize(
    ("score", "at_least", "negated", "marked"),
    [
        (1.0, 1.0, False, (1.0, True)),
        (0.99, 1.0, False, (0.99, False)),
        (0.75, 0.75, False, (0.75, True)),
        (0.0, 1.0, True, (1.0, True)),
        (0.75, 0.75, True, (0.25, False)),
        (0.74, 0.75, True, (0.26, True)),
        (None, 0.5, False, (None, None)),
        (None, 0.5, True, (None, None)),
    ],
)
def test_one_score_passes_from_its_bound_on(score, at_least, negated, marked):
    mark = rated(score, at_least=at_least, negated=negated).mark(SAID)
    assert (pytest.approx(mark.score), mark.passed) == marked


def test_quality_is_the_weighted_mean_and_a_weight_of_0_counts_for_nothing():
    found = scored(rated(1.0, 3), rated(0.0, 1, name="two"), rated(0.0, 0, name="three"))
    assert found.quality == 0.75
    assert found.passed is False
    assert found.scores == {"one": 1.0, "two": 0.0, "three": 0.0}
    assert scored(rated(1.0), rated(None, 0)).quality == 1.0
    assert scored(rated(1.0), rated(None, 0)).passed is True


def test_a_bound_overrules_the_single_scores():
    half = (rated(1.0), rated(0.0))
    assert scored(*half).passed is False
    assert scored(*half, pass_at=0.5).passed is True
    assert scored(*half, pass_at=0.51).passed is False


def test_a_set_counts_as_one():
    either = RatedSet("set", (rated(1.0, name="a"), rated(0.0, name="b")), pass_at=0.5)
    found = scored(either, rated(1.0, name="c"))
    assert found.quality == 0.75
    assert found.passed is True
    assert found.scores == {"set": 0.5, "a": 1.0, "b": 0.0, "c": 1.0}
    both = RatedSet("set", either.members)
    assert scored(both, rated(1.0, name="c")).passed is False


def test_a_missing_score_is_missing_and_says_whose_it_is():
    found = scored(rated(1.0), rated(None, name="language"))
    assert (found.quality, found.passed) == (None, None)
    assert found.problem == "language could not tell"
    inner = RatedSet("set", (rated(None, name="language"),))
    assert scored(rated(1.0), inner).problem == "language could not tell"
    assert scored(rated(1.0), inner).quality is None


def test_a_scorer_that_breaks_gives_no_score():
    found = scored(Rated("mine", Breaks()), rated(1.0))
    assert found.scores == {"mine": None, "one": 1.0}
    assert found.problem == "mine failed: ZeroDivisionError: division by zero"


def test_what_cannot_turn_the_answer_is_told_all_the_same():
    assert scored(rated(0.0), rated(None)).passed is False
    assert scored(rated(1.0, 3), rated(None, 1), pass_at=0.7).passed is True
    assert scored(rated(0.0, 3), rated(None, 1), pass_at=0.7).passed is False
    assert scored(rated(0.5, 3), rated(None, 1), pass_at=0.5).passed is None


def test_nothing_to_score_is_no_quality():
    assert Scored.of(RatedSet("case"), SAID) == UNSCORED


maybe = st.sampled_from([0.0, 0.5, 1.0, None])
weights = st.sampled_from([0.0, 1.0, 2.0])


@given(st.lists(st.tuples(maybe, weights), min_size=1, max_size=4), st.sampled_from([None, 0.5]))
def test_passing_is_told_exactly_when_no_missing_score_could_turn_it(entries, pass_at):
    """Against brute force: every way of filling in what is missing."""
    if not any(weight for _, weight in entries):
        entries = [*entries, (1.0, 1.0)]
    found = scored(*(rated(s, w) for s, w in entries), pass_at=pass_at).passed
    ways = itertools.product(*([0.0, 0.5, 1.0] if s is None else [s] for s, _ in entries))
    weighed = [w for _, w in entries]
    outcomes = {
        scored(*(rated(s, w) for s, w in zip(way, weighed, strict=True)), pass_at=pass_at).passed
        for way in ways
    }
    assert found == (outcomes.pop() if len(outcomes) == 1 else None)


def test_a_mark_is_plain():
    assert rated(1.0).mark(SAID) == Mark("one", 1.0, passed=True, weight=1.0)
