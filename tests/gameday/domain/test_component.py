import json
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from gameday.domain.component import Component, Version, version_of
from tests.gameday.reporting.runs import make_target


def test_further_keys_are_the_backends_settings_and_survive_a_round_trip():
    component = Component.model_validate(
        {"backend": "langfuse", "name": "support", "label": "production", "user_cost": "none"}
    )
    assert component.settings == {"name": "support", "label": "production"}
    assert Component.model_validate_json(component.model_dump_json()) == component


def test_a_target_knows_its_components_by_their_names():
    whole = {**make_target().model_dump(mode="json"), "components": {"promt": {"backend": "git"}}}
    with pytest.raises(ValidationError, match="'model', 'prompt', 'parameters', 'corpus'"):
        type(make_target()).model_validate(whole)


def test_who_serves_is_a_provider_of_the_target():
    whole = make_target().model_dump(mode="json")
    whole["front_door"]["served_as"] = {"config.targets[0]": "primry"}
    with pytest.raises(ValidationError, match="primry, which is no provider here"):
        type(make_target()).model_validate(whole)


def test_what_nobody_knows_of_a_version_is_not_in_its_json():
    """So that recordings from before there was more are still what their digests say."""
    one = version_of("heron-4").model_copy(update={"back": None})
    assert one.model_dump(mode="json") == {"label": "heron-4", "digest": one.digest}
    at = datetime(2026, 11, 29, 10, tzinfo=UTC)
    known = version_of("heron-4", by="eva", changed_at=at)
    assert known.digest == one.digest
    assert json.loads(known.model_dump_json()) == {
        "label": "heron-4", "digest": one.digest, "by": "eva", "changed_at": "2026-11-29T10:00:00Z",
        "back": "heron-4",
    }  # fmt: skip
    assert Version.model_validate_json(known.model_dump_json()) == known


@pytest.mark.parametrize("value", ["support-v3", 4000, 0, 0.5, True, False, "4000"])
def test_a_value_is_its_own_way_back_and_keeps_its_type(value):
    again = Version.model_validate_json(version_of(value).model_dump_json()).back
    assert (again, type(again)) == (value, type(value))


@pytest.mark.parametrize(
    "value",
    ["x" * 81, "two\nlines", "mail ada@example.com", ["a"], {"a": True}, None],
    ids=["long", "lines", "personal", "list", "object", "null"],
)
def test_what_is_not_shown_whole_is_no_way_back(value):
    assert version_of(value).back is None
