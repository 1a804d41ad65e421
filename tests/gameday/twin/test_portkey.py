"""The twin of a Portkey config, flat and nested."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameday.domain.errors import FileError
from tests.gameday.twin.gate import twin_of

NESTED = {
    "strategy": {"mode": "fallback", "on_status_codes": [429, 500]},
    "cache": {"mode": "semantic", "max_age": 60},
    "forward_headers": ["x-tenant"],
    "targets": [
        {"name": "openai", "provider": "openai", "api_key": "sk-proj-abcdef123456"},
        {
            "strategy": {"mode": "loadbalance"},
            "custom_host": "https://api.anthropic.com/v1",
            "targets": [
                {
                    "provider": "azure-openai",
                    "resource_name": "prod-eu",
                    "deployment_id": "gpt-41",
                    "api_key": "azurekeyazurekey",
                    "custom_host": "https://prod-eu.openai.azure.com/openai",
                    "weight": 0.7,
                },
                {"provider": "anthropic", "virtualKey": "anthropic-prod-8a1"},
            ],
        },
    ],
}


def read(made):
    return json.loads(made.text)


def leaves(node):
    inner = node.get("targets")
    return [leaf for target in inner for leaf in leaves(target)] if inner else [node]


def test_every_target_is_reached_by_the_gate_and_passes_the_mark_on():
    after = read(twin_of(json.dumps(NESTED)))
    assert [leaf["custom_host"] for leaf in leaves(after)] == [
        "http://127.0.0.1:8481/v1", "http://127.0.0.1:8483/openai", "http://127.0.0.1:8482/v1",
    ]  # fmt: skip
    assert {tuple(leaf["forward_headers"]) for leaf in leaves(after)} == {("x-tenant", "x-gameday")}
    assert "custom_host" not in after["targets"][1]
    assert after["strategy"] == NESTED["strategy"]
    assert after["targets"][1]["targets"][0]["weight"] == 0.7


def test_its_keys_are_variables_to_fill_in():
    made = twin_of(json.dumps(NESTED))
    openai, azure, anthropic = leaves(read(made))
    assert openai["api_key"] == "${GAMEDAY_TWIN_PRIMARY_KEY}"
    assert azure["api_key"] == "${GAMEDAY_TWIN_AZURE_EU_KEY}"
    assert anthropic["virtualKey"] == "${GAMEDAY_TWIN_SECONDARY_VIRTUAL_KEY}"
    assert set(made.keys) == {
        "GAMEDAY_TWIN_PRIMARY_KEY",
        "GAMEDAY_TWIN_AZURE_EU_KEY",
        "GAMEDAY_TWIN_SECONDARY_VIRTUAL_KEY",
    }
    assert any("envsubst" in note for note in made.notes)


def test_a_shared_cache_becomes_the_process_own():
    made = twin_of(json.dumps(NESTED))
    assert read(made)["cache"] == {"mode": "simple", "max_age": 60}
    assert any("x-portkey-cache-namespace" in note for note in made.notes)


def test_an_azure_resource_names_its_url_and_one_target_alone_is_enough():
    made = twin_of('{"provider": "azure-openai", "resourceName": "prod-us", "apiKey": "abcdefgh"}')
    after = read(made)
    assert after["custom_host"] == "http://127.0.0.1:8484/openai"
    assert after["apiKey"] == "${GAMEDAY_TWIN_AZURE_US_KEY}"
    with pytest.raises(FileError, match=r"has the upstream https://other\.openai\.azure\.com"):
        twin_of('{"provider": "azure-openai", "resource_name": "other", "api_key": "abcdefgh"}')


def test_a_virtual_key_alone_does_not_say_where_and_can_be_mapped():
    config = '{"targets": [{"virtual_key": "some-prod"}], "strategy": {"mode": "fallback"}}'
    with pytest.raises(FileError, match=r"speaks no dialect that the gate knows") as refused:
        twin_of(config)
    assert "--map config.targets[0]=LISTENER" in refused.value.next_step
    made = twin_of(config, {"config.targets[0]": "primary"})
    assert leaves(read(made))[0]["custom_host"] == "http://127.0.0.1:8481/v1"


def test_a_gate_on_a_private_address_needs_portkeys_trust():
    made = twin_of(
        '{"provider": "openai", "api_key": "abcdefgh"}',
        one=("10.0.0.7:8481", "https://api.openai.com", "openai"),
    )
    assert any("TRUSTED_CUSTOM_HOSTS" in note for note in made.notes)


SECRET = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=10, max_size=30)


@settings(max_examples=50, deadline=None)
@given(st.lists(SECRET, min_size=4, max_size=4, unique=True))
def test_no_literal_key_of_the_original_is_in_the_twin(secrets):
    first, second, third, fourth = (f"k{secret}k" for secret in secrets)
    config = {
        "strategy": {"mode": "fallback"},
        "targets": [
            {"provider": "openai", "api_key": first, "metadata": {"seen": first}},
            {"provider": "anthropic", "apiKey": second, "awsSecretAccessKey": third},
            {"provider": "openai", "api_key": "x" * 9, "headers": {"auth": f"Bearer {fourth}"}},
        ],
    }
    made = twin_of(json.dumps(config))
    for secret in (first, second, third, fourth):
        assert secret not in made.text
        assert not [line for line in (*made.keys.values(), *made.notes) if secret in line]
