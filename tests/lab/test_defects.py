"""Defects by name and severity, from both sides of what is allowed."""

import pytest

from gameday.domain.errors import FileError
from lab.assistant.settings import AssistantSettings
from lab.defects import DEFECTS, Changes, read_defect


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
    ],
)
def test_what_is_no_defect_is_refused_with_a_next_step(text: str, said: str) -> None:
    with pytest.raises(FileError, match=said) as refused:
        read_defect(text)
    assert refused.value.next_step
