"""The cases of a suite as conversations: other cases' questions first, its own last."""

import pytest

from gameday.probes.questions import load_questions

SUITE = """
suite: small
cases:
  - {case: one, question: "One?", scorers: [{kind: contains, any: ["1"]}]}
  - {case: two, turns: ["Two?", "And then?"], scorers: [{kind: contains, any: ["2"]}]}
  - {case: three, question: "Three?", scorers: [{kind: contains, any: ["3"]}]}
"""


@pytest.fixture
def suite_file(tmp_path):
    file = tmp_path / "suite.yaml"
    file.write_text(SUITE)
    return str(file)


@pytest.mark.parametrize(
    ("before", "asked"),
    [
        (0, ["One?", "Two? And then?", "Three?"]),
        (1, ["Two? One?", "Three? Two? And then?", "One? Three?"]),
        (2, ["Two? Three? One?", "Three? One? Two? And then?", "One? Two? Three?"]),
        (
            3,
            ["Two? Three? One? One?", "Three? One? Two? Two? And then?", "One? Two? Three? Three?"],
        ),
    ],
)
def test_the_questions_of_the_cases_that_follow_come_first(suite_file, before, asked):
    questions = load_questions(suite_file, {}, before=before)
    assert [question.case for question in questions] == ["one", "two", "three"]
    turns = [" ".join(q.turn(n) for n in range(q.turns)) for q in questions]
    assert turns == asked


def test_of_one_case_alone_it_is_the_same_question_twice(suite_file):
    (only,) = load_questions(suite_file, {}, wanted={"three"}, before=1)
    assert (only.text, only.then) == ("Three?", ("Three?",))
    assert load_questions(suite_file, {}, wanted={"none"}, before=1) == []
