"""What the assistant's operators set in an emergency, and what it then says instead of answers."""

import pytest

from lab.assistant.controls import OFF, ON, QUEUE, Controls, SetMeanwhileError
from lab.assistant.spending import Spending


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def spending(clock: Clock) -> Spending:
    return Spending(clock)


@pytest.fixture
def controls(spending: Spending) -> Controls:
    return Controls(["primary", "secondary"], spending)


def test_as_it_starts_every_question_is_answered(controls: Controls) -> None:
    assert controls.by_name["feature"].value == ON
    assert controls.route == "primary"
    assert controls.instead("how?") is None


def test_switched_off_it_says_so(controls: Controls) -> None:
    controls.by_name["feature"].write(OFF)
    assert "switched off" in str(controls.instead("how?"))
    assert not controls.waiting
    controls.by_name["feature"].write(ON)
    assert controls.instead("how?") is None


def test_questions_wait_for_a_person_in_their_order(controls: Controls) -> None:
    controls.by_name["feature"].write(QUEUE)
    said = [str(controls.instead(question)) for question in ("how?", "why?")]
    assert ["number 1 in" in said[0], "number 2 in" in said[1]] == [True, True]
    assert list(controls.waiting) == ["how?", "why?"]


def test_what_is_spent_within_a_minute_counts_and_no_longer(
    controls: Controls, spending: Spending, clock: Clock
) -> None:
    controls.by_name["budget"].write(0.5)
    spending.note(0.3)
    clock.now_s += 59
    assert controls.instead("how?") is None
    spending.note(0.2)
    assert spending.usd_per_minute() == pytest.approx(0.5)
    assert "no more questions" in str(controls.instead("how?"))
    clock.now_s += 1
    assert spending.usd_per_minute() == pytest.approx(0.2)
    assert controls.instead("how?") is None
    clock.now_s += 60
    assert spending.usd_per_minute() == 0.0


def test_nobody_overwrites_what_they_have_not_read(controls: Controls) -> None:
    route = controls.by_name["route"]
    etag = route.etag
    route.write("secondary", etag)
    with pytest.raises(SetMeanwhileError, match="it is secondary by now"):
        route.write("primary", etag)
    route.write("primary", "*")
    assert controls.route == "primary"


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("feature", [ON, OFF, QUEUE], ["maybe", True, None]),
        ("route", ["primary", "secondary"], ["tertiary", 1, None]),
        ("budget", [0, 0.5, 25], [-1, True, "25", None]),
        ("keys", ["first", "second"], ["third", 1, None]),
        ("build", ["running", "pinned"], ["other", 1, None]),
    ],
)
def test_what_each_can_be(controls: Controls, name: str, good: list, bad: list) -> None:
    allows = controls.by_name[name].allows
    assert all(allows(value) for value in good)
    assert not any(allows(value) for value in bad)


def test_providers_are_shown_the_key_that_is_set(controls: Controls) -> None:
    assert controls.credentials == {"authorization": "Bearer lab-first"}
    controls.by_name["keys"].write("second")
    assert controls.credentials == {"authorization": "Bearer lab-second"}
