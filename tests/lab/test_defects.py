"""Defects by name and severity, from both sides of what is allowed."""

import pytest

from gameday.domain.errors import FileError
from lab.assistant.failure import FailureKind
from lab.assistant.settings import AssistantSettings, Patience
from lab.defects import DEFECTS, Changes, read_defect


def tries(defect: str) -> dict[FailureKind, int]:
    tried: dict[FailureKind, int] = read_defect(defect).assistant["retries"]["tries"]
    return tried


def test_no_defect_changes_nothing() -> None:
    assert read_defect("") == Changes()


@pytest.mark.parametrize("name", list(DEFECTS))
def test_every_defect_changes_something_the_assistant_knows(name: str) -> None:
    changes = read_defect(name)
    assert changes != Changes()
    assert set(changes.assistant) <= set(AssistantSettings.model_fields)


@pytest.mark.parametrize(
    "text", ["slow_fallback=1.5s", "slow_fallback=1.5", "slow_fallback=1500ms"]
)
def test_seconds_may_have_a_unit(text: str) -> None:
    assert read_defect(text).assistant == {"switch_over_s": 1.5}


def test_severities_have_defaults() -> None:
    assert read_defect("slow_fallback").assistant == {"switch_over_s": 4.0}
    assert read_defect("degraded_fallback").secondary_blind_share == 0.4
    assert read_defect("expensive_fallback").secondary_price_factor == 3.0
    assert read_defect("expensive_fallback=1.1x").secondary_price_factor == 1.1
    assert tries("retry_storm") == dict.fromkeys(FailureKind, 4)
    assert tries("retry_storm=3") == dict.fromkeys(FailureKind, 3)
    assert tries("ignores_retry_after") == {FailureKind.LIMITED: 3}
    assert read_defect("cached_answers").assistant == {"answers_kept_s": 120.0}
    assert read_defect("rollback_slow_cache").assistant == {"aliases": {"cache_s": 30.0}}
    assert read_defect("rollback_slow_cache=25s").assistant == {"aliases": {"cache_s": 25.0}}
    waits = read_defect("waits_for_retry_after").assistant["retries"]
    assert waits["waits_s_max"] == 60.0


@pytest.mark.parametrize("name", list(DEFECTS))
def test_every_defect_survives_the_way_to_the_assistants_process(name: str) -> None:
    chain = [{"name": "primary", "dialect": "openai", "url": "http://127.0.0.1:1", "model": "m"}]
    settings = AssistantSettings(
        port=1, chain=chain, order_tool="http://127.0.0.1:1", **read_defect(name).assistant
    )
    assert AssistantSettings.model_validate_json(settings.model_dump_json()) == settings


def test_without_a_warm_standby_the_floating_name_and_its_update_are_still_served() -> None:
    served = read_defect("no_warm_standby").primary_models
    assert set(Changes().primary_models) - set(served) == {"heron-4-2026-08"}


def test_without_a_deadline_nothing_is_bounded_but_the_number_of_attempts() -> None:
    patience = Patience(**read_defect("no_deadline").assistant["patience"])
    bounds = {name: value for name, value in patience if value is not None}
    assert bounds == {"attempts_max": 2}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gremlins", "there is no defect 'gremlins'"),
        ("no_fallback=3", "takes no value"),
        ("degraded_fallback=1.2", "no share"),
        ("degraded_fallback=0", "no share"),
        ("slow_fallback=soon", "takes seconds"),
        ("slow_fallback=", "takes seconds"),
        ("expensive_fallback=cheap", "takes the factor"),
        ("retry_storm=1", "is not from 2 to 50"),
        ("retry_storm=many", "takes the number of tries"),
        ("zombie_calls=2", "takes no value"),
        ("rollback_noop=2", "takes no value"),
        ("rollback_slow_cache=soon", "takes the cache's time in seconds"),
    ],
)
def test_what_is_no_defect_is_refused_with_a_next_step(text: str, said: str) -> None:
    with pytest.raises(FileError, match=said) as refused:
        read_defect(text)
    assert refused.value.next_step
