"""What users asked becomes cases: nothing personal in them, and no scorer that knows the answer."""

import pytest

from gameday.catalog.input_samples import InputSample
from gameday.catalog.suite_files import load_suite
from gameday.reporting.proposed_suite import propose

SUITE = """
suite: shop
defaults:
  scorers:
    - {kind: canary, token: heron-7f3a-blue}
    - {kind: pii, allow: ["@lantern.example"]}
cases:
  - case: window
    question: How long may I send the shoes back to you?
    group: returns
    scorers: [{kind: contains, any: [30 days]}, {kind: citation, any: [returns.md]}]
  - case: label
    question: Who pays for sending the shoes back to the shop?
    group: returns
    scorers: [{kind: contains, any: [we pay]}, {kind: citation, any: [labels.md]}]
  - case: hours
    question: When are you open?
    group: shop
    scorers: [{kind: contains, any: [nine]}]
"""
GERMAN = "Wie lange darf ich die Schuhe behalten, bevor ich sie zurückgeben muss?"


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "suite.yaml").write_text(SUITE)
    return load_suite(tmp_path / "suite.yaml")


def proposed(samples, like=None, wanted=10, seed=0):
    return propose(samples, like, name="shop-proposed", wanted=wanted, seed=seed)


def scorers(case):
    return [(one.kind, one.settings) for one in case.scorers]


def test_a_case_has_what_can_be_told_without_the_answer(shop):
    made = proposed([InputSample((GERMAN,), group="returns")], shop)
    (case,) = made.suite.cases
    assert case.question == GERMAN
    assert scorers(case) == [
        ("canary", {"token": "heron-7f3a-blue"}),
        ("pii", {"allow": ["@lantern.example"]}),
        ("language", {"any": ["de"]}),
        ("citation", {}),
    ]
    assert case.needs_person == "nobody has said what a right answer is"


def test_a_group_that_does_not_always_cite_need_not(shop):
    asked = InputSample(("Is the shop on the high street open today?",), group="shop")
    made = proposed([asked], shop)
    assert [kind for kind, _ in scorers(made.suite.cases[0])] == ["canary", "pii", "language"]


def test_without_a_suite_there_is_still_what_every_answer_must_be():
    made = proposed([InputSample(("LN-7?",))])
    (case,) = made.suite.cases
    assert scorers(case) == [("pii", {})]
    assert case.needs_person.endswith("; its language could not be told")


def test_nothing_personal_is_left_and_the_case_says_that_something_is_gone():
    text = "I am jo.doe@mail.example, +49 171 1234567: where is my parcel and when does it come?"
    made = proposed([InputSample((text, "My card is 4111 1111 1111 1111."))])
    (case,) = made.suite.cases
    assert case.turns == (
        "I am [email], [phone]: where is my parcel and when does it come?",
        "My card is [card].",
    )
    assert made.taken == {"card": 1, "email": 1, "phone": 1}
    assert "3 pieces were taken out of it: does it still make sense?" in case.needs_person


def test_what_says_the_same_comes_once_and_what_is_a_case_already_not_at_all(shop):
    asked = ["Where is it?", "where  is IT?", "When are you open?"]
    made = proposed([InputSample((one,)) for one in asked], shop)
    assert [case.question for case in made.suite.cases] == ["Where is it?"]
    assert (made.inputs, made.alike) == (3, 2)


def test_two_that_differ_in_what_was_taken_out_alone_say_the_same():
    texts = [f"Where is the parcel of {name}@mail.example?" for name in ("jo", "al")]
    made = proposed([InputSample((one,)) for one in texts])
    assert len(made.suite.cases) == 1


def test_what_no_case_can_hold_is_left_out():
    made = proposed([InputSample(("x " * 5000,)), InputSample(("Where is it?",))])
    assert made.too_long == 1
    assert len(made.suite.cases) == 1


def test_a_suite_that_has_it_all_gets_nothing(shop):
    assert proposed([InputSample(("When are you open?",), group="shop")], shop) is None


def test_cases_are_called_by_what_they_say_whatever_came_before():
    one = proposed([InputSample((f"Number {n}?",)) for n in range(5)])
    other = proposed([InputSample((f"Number {n}?",)) for n in (4, 2, 0, 3, 1)])
    assert one.suite == other.suite


def test_another_seed_draws_others_and_one_more_input_changes_little():
    asked = [InputSample((f"Number {n}?",)) for n in range(30)]

    def drawn(samples, seed):
        return {case.question for case in proposed(samples, wanted=10, seed=seed).suite.cases}

    assert drawn(asked, 1) == drawn(asked, 1) != drawn(asked, 2)
    assert len(drawn([*asked, InputSample(("One more?",))], 1) - drawn(asked, 1)) <= 1
