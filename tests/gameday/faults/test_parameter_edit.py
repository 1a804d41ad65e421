"""`parameter_edit`: one value, of the parameters alone."""

from typing import Any

import pytest

from gameday.catalog.kinds import faults
from gameday.domain.drill import FaultSpec
from gameday.domain.errors import FileError
from gameday.faults.parameter_edit import ParameterEdit


def made(**settings: Any) -> ParameterEdit:
    spec = FaultSpec(kind="parameter_edit", on="component/parameters", settings=settings)
    fault = faults.make(spec)
    assert isinstance(fault, ParameterEdit)
    return fault


@pytest.mark.parametrize("to", [60, 0.2, "low", False])
def test_it_sets_what_the_store_knows(to: Any):
    assert made(to=to).change() == to


def test_what_it_sets_must_be_said():
    with pytest.raises(FileError, match="parameter_edit"):
        made()


def test_it_is_for_the_parameters_alone():
    assert ParameterEdit.misplaced("component/parameters") == ""
    assert ParameterEdit.misplaced("component/prompt") == "component/parameters"
