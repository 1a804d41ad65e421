"""What is asked next: every question equally often, or another mix for a while."""

import time
from collections import Counter
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.scoring import RatedSet
from gameday.domain.shift import Shift
from gameday.probes.mix import Inputs, lets_through, mixed, why_nothing
from gameday.probes.questions import Question

TEXTS = {"short": "How much?", "long": "We have five shops and want a smaller plan. " * 3}


def question(case, group, text=""):
    return Question(case, text or TEXTS.get(group, group), rated=RatedSet(()), group=group)


SUITE = [question(f"{group}-{n}", group) for group in ("short", "long", "tool") for n in range(10)]


def cases(questions, count):
    return Counter(one.case for one in islice(questions, count))


def groups(questions, count):
    return Counter(one.group for one in islice(questions, count))


def test_a_group_comes_as_often_as_its_weight_says_and_its_questions_equally_often():
    asked = mixed(SUITE, Shift(groups={"long": 8, "tool": 2}), seed=1)
    found = groups(asked, 2000)
    assert set(found) == {"long", "tool"}
    assert found["long"] / 2000 == pytest.approx(0.8, abs=0.04)
    each = cases(mixed(SUITE, Shift(groups={"long": 8, "tool": 2}), seed=1), 2000)
    of_long = [count for case, count in each.items() if case.startswith("long")]
    assert max(of_long) - min(of_long) <= 1


def test_the_same_seed_asks_the_same_and_another_one_another():
    mix = Shift(groups={"long": 1, "tool": 1})
    once, again, other = ([q.case for q in islice(mixed(SUITE, mix, s), 50)] for s in (1, 1, 2))
    assert once == again != other


@given(st.integers(1, 200), st.integers(1, 200))
def test_only_questions_of_that_length_are_asked(chars_min, more):
    mix = Shift(chars_min=chars_min, chars_max=chars_min + more)
    suite = [question(f"q{n}", "", "x" * n) for n in range(1, 501)]
    asked = islice(mixed(suite, mix, seed=1), 100)
    assert all(chars_min <= len(one.text) <= chars_min + more for one in asked)


@pytest.mark.parametrize(
    ("text", "belongs"),
    [
        ("Wie lange kann ich eine Bestellung nach dem Kauf noch zurückgeben?", True),
        ("How long can I give an order back after I have bought it from you?", False),
        ("TW-1042?", False),  # in no language at all
    ],
)
def test_a_language_is_told_from_the_question(text, belongs):
    assert lets_through(Shift(language="de"), "", text) is belongs


def test_a_mix_lasts_as_long_as_was_said_and_the_usual_rounds_come_back(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    inputs = Inputs(SUITE, seed=1)
    assert cases(inputs, 30) == Counter({one.case: 1 for one in SUITE})
    inputs.shift(Shift(groups={"long": 1}), for_s=5.0)
    assert groups(inputs, 20) == {"long": 20}
    now[0] += 4.9
    assert groups(inputs, 20) == {"long": 20}
    now[0] += 0.1
    assert cases(inputs, 30) == Counter({one.case: 1 for one in SUITE})


def test_told_again_it_goes_on_and_zero_seconds_end_it(monkeypatch):
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    inputs, mix = Inputs(SUITE, seed=1), Shift(groups={"long": 1})
    asked = []
    for _ in range(10):  # as often as the injector is asked
        inputs.shift(mix, for_s=5.0)
        asked.append(next(inputs).case)
    assert len(set(asked)) == 10, "each round begins anew, and some questions are never asked"
    inputs.shift(mix, for_s=0.0)
    assert set(groups(inputs, 30)) == {"short", "long", "tool"}


ASKED = [(one.group, one.text) for one in SUITE]


@pytest.mark.parametrize(
    ("mix", "why"),
    [
        (Shift(groups={"long": 1}, chars_min=100), ""),
        (Shift(groups={"long": 1, "other": 1}), "the suite has no question of the group other"),
        (
            Shift(groups={"short": 1}, chars_min=100),
            "the suite has no question of the group short of at least 100 characters",
        ),
        (Shift(chars_min=5000), "the suite has no question of at least 5000 characters"),
        (Shift(language="de"), "the suite has no question in de"),
        (Shift(chars_max=50), ""),
    ],
)
def test_a_suite_without_such_questions_is_told_beforehand(mix, why):
    assert why_nothing(mix, ASKED) == why
