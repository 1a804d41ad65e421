"""What the kinds of questions tell of the component that changed."""

import pytest

from gameday.domain.culprit import likely_culprit


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        ({}, ""),
        ({"": 500.0}, ""),
        ({"retrieval": 20.0, "short": 3.0}, "retrieval questions alone: probably the corpus"),
        ({"retrieval": 19.9, "short": 1.0}, ""),  # not enough shows
        ({"retrieval": 90.0, "short": 3.1}, ""),  # the others are not quiet
        ({"long": 90.0, "short": 1.0, "tool": 0.4}, "long questions alone: probably how much"),
        ({"tool": 90.0, "short": 1.0}, "tool questions alone: probably a tool"),
        ({"short": 90.0, "long": 1.0}, "short questions alone"),
        (
            {"short": 90.0, "long": 50.0, "tool": 20.0},
            "long, short and tool questions alike: probably the model or its prompt",
        ),
        ({"short": 90.0, "long": 50.0, "tool": 1.0}, "long and short questions alike"),
    ],
)
def test_what_the_groups_tell(evidence, words):
    found = likely_culprit(evidence, dict.fromkeys(evidence, 25))
    assert found.startswith(words)
    assert bool(found) is bool(words)


@pytest.mark.parametrize(("answers", "tells"), [(20, True), (19, False), (0, False)])
def test_a_group_that_was_hardly_asked_is_not_quiet(answers, tells):
    """A model that changed shows first where most is asked; the others are only not heard yet.

    400 to one after 40 answers is 20 to one after 20.
    """
    evidence = {"retrieval": 400.0, "short": 1.4}
    assert bool(likely_culprit(evidence, {"retrieval": 40, "short": answers})) is tells
