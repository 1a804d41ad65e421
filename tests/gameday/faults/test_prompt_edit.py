"""`prompt_edit`: a version, a text or whole documents, and one of them."""

from typing import Any

import pytest

from gameday.catalog.kinds import faults
from gameday.domain.drill import FaultSpec
from gameday.domain.errors import FileError
from gameday.faults.prompt_edit import PromptEdit


def made(**settings: Any) -> PromptEdit:
    fault = faults.make(FaultSpec(kind="prompt_edit", on="component/prompt", settings=settings))
    assert isinstance(fault, PromptEdit)
    return fault


@pytest.mark.parametrize(
    ("settings", "changes"),
    [
        ({"to": "support-v4"}, "support-v4"),
        ({"to": 18}, 18),
        (
            {"put": {"support.txt": "Be brief."}},
            {"put": {"support.txt": "Be brief."}, "delete": []},
        ),
    ],
)
def test_it_sets_what_the_store_knows(settings: dict[str, Any], changes: Any):
    assert made(**settings).change() == changes


@pytest.mark.parametrize("settings", [{}, {"to": "v4", "put": {"a": "b"}}])
def test_one_of_both_must_be_said(settings: dict[str, Any]):
    with pytest.raises(FileError, match="one of to"):
        made(**settings)


def test_it_is_for_the_prompt_alone():
    assert PromptEdit.misplaced("component/prompt") == ""
    assert PromptEdit.misplaced("component/corpus") == "component/prompt"
