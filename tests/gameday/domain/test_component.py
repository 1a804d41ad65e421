import pytest
from pydantic import ValidationError

from gameday.domain.component import Component
from tests.gameday.reporting.runs import make_target


def test_further_keys_are_the_backends_settings_and_survive_a_round_trip():
    component = Component.model_validate(
        {"backend": "langfuse", "name": "support", "label": "production", "user_cost": "none"}
    )
    assert component.settings == {"name": "support", "label": "production"}
    assert Component.model_validate_json(component.model_dump_json()) == component


def test_a_target_knows_its_components_by_their_names():
    whole = {**make_target().model_dump(mode="json"), "components": {"promt": {"backend": "git"}}}
    with pytest.raises(ValidationError, match="'model', 'prompt', 'corpus'"):
        type(make_target()).model_validate(whole)


def test_who_serves_is_a_provider_of_the_target():
    whole = make_target().model_dump(mode="json")
    whole["front_door"]["served_as"] = {"config.targets[0]": "primry"}
    with pytest.raises(ValidationError, match="primry, which is no provider here"):
        type(make_target()).model_validate(whole)
