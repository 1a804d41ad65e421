"""What a watch is told, and how many false alarms that allows."""

import pytest
from pydantic import ValidationError

from gameday.domain.hook import Hook
from gameday.domain.watch import Watch


def watch(**settings):
    return Watch(target="shop", environment="staging", target_file="/x/gameday.yaml", **settings)


def test_false_alarms_are_counted_over_both_questions_and_all_ticks():
    hourly = watch(every="1h", false_alarm_days=365)
    ticks = 365 * 24
    assert hourly.detect("changed").alpha_each * 2 * ticks == pytest.approx(1)
    assert hourly.detect("changed").alpha_each == hourly.detect("envelope").alpha_each
    assert hourly.chance == "at most one false alarm in 365 days"
    assert hourly.detect("changed").tolerance == 0.05
    assert hourly.detect("envelope").margin == 0.10


def test_a_watch_is_one_environment_of_one_target():
    assert watch().name == "shop.staging"
    assert watch(every="30m").ticks_a_day == 48


@pytest.mark.parametrize(
    ("hook", "why"),
    [
        ({}, "exactly one of command and post"),
        ({"command": ["page"], "post": "http://x.example/"}, "exactly one of command and post"),
        ({"command": ["page"], "key": "env:K"}, "key and sign belong to post"),
        ({"command": []}, "at least 1 item"),
        ({"post": "page"}, "pattern"),
    ],
)
def test_a_hook_that_says_nothing_is_refused(hook, why):
    with pytest.raises(ValidationError, match=why):
        Hook.model_validate(hook)


@pytest.mark.parametrize(
    "settings", [{"every": "8h "[::-1]}, {"probes": 0}, {"margin": 1.0}, {"tolerance": 0.6}]
)
def test_settings_have_bounds(settings):
    with pytest.raises(ValidationError):
        watch(**settings)
