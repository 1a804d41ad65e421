import pytest
from pydantic import ValidationError

from gameday.domain.environment import Environment, InjectorAt, injector_url, is_production


@pytest.mark.parametrize("name", ["production", "prod", "live", "eu-prod", "prod_2", "live-eu"])
def test_names_of_places_with_users(name):
    assert is_production(name)


@pytest.mark.parametrize("name", ["staging", "lab", "product", "delivery", "prodigy", "liver"])
def test_other_names(name):
    assert not is_production(name)


def test_an_injector_is_a_url_or_one_with_a_token_of_its_own():
    plain = Environment(injector="http://127.0.0.1:8470", front_door="http://127.0.0.1:1/v1")
    own = InjectorAt(url="https://injector.example", token="env:PROD")
    other = Environment(injector=own, front_door="http://127.0.0.1:1/v1", through="twin")
    assert injector_url(plain.injector) == "http://127.0.0.1:8470"
    assert injector_url(other.injector) == "https://injector.example"
    assert Environment.model_validate_json(other.model_dump_json()) == other
    assert plain.model_dump(mode="json")["injector"] == "http://127.0.0.1:8470"
    with pytest.raises(ValidationError):
        Environment(injector="injector.example", front_door="http://127.0.0.1:1/v1")
