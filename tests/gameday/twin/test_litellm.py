"""The twin of a LiteLLM configuration, as real ones look."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from gameday.domain.errors import FileError
from tests.gameday.twin.gate import twin_of

CONFIG = """\
# Production gateway. Ask the platform team before you change it.
model_list:
  # the everyday model
  - model_name: chat
    litellm_params:
      model: openai/gpt-4.1
      api_key: os.environ/OPENAI_API_KEY   # rotated monthly, was sk-proj-OLDoldOLD123
      rpm: 600
  - model_name: chat
    litellm_params:
      model: azure/gpt-41-prod
      api_base: https://prod-eu.openai.azure.com/
      api_version: "2025-01-01-preview"
      api_key: 0123456789abcdef0123456789abcdef
  - model_name: chat-us
    litellm_params: {model: azure/gpt-41-prod, api_base: "https://prod-us.openai.azure.com"}
  - model_name: chat-backup
    litellm_params:
      model: claude-sonnet-4
      api_key: "sk-ant-api03-LITERALLITERAL"
      extra_headers: {Authorization: Bearer abcdefgh}
litellm_settings:
  num_retries: 2
  cache: true
  cache_params: {type: redis, host: cache.prod, port: 6379, password: hunter2hunter2}
  success_callback: ["langfuse"]
  fallbacks: [{chat: [chat-backup]}, {chat-backup: ["chat-us"]}]
general_settings:
  master_key: sk-1234
  database_url: postgresql://llm:s3cretpw@db.prod:5432/litellm
  alerting: ["slack"]
router_settings:
  allowed_fails: 1
  redis_host: redis.prod
  redis_password: os.environ/REDIS_PASSWORD
environment_variables:
  LANGFUSE_PUBLIC_KEY: pk-lf-1234567890
  LANGFUSE_HOST: https://cloud.langfuse.com
"""
SECRETS = (
    "OLDoldOLD", "0123456789abcdef", "LITERAL", "hunter2", "sk-1234", "s3cretpw", "lf-1234567890",
    "abcdefgh",
)  # fmt: skip


def read(text):
    return YAML(typ="safe", pure=True).load(text)


def params(made, number):
    return read(made.text)["model_list"][number]["litellm_params"]


def test_every_provider_is_reached_by_the_gate():
    made = twin_of(CONFIG)
    assert [params(made, number)["api_base"] for number in range(4)] == [
        "http://127.0.0.1:8481/v1", "http://127.0.0.1:8483",
        "http://127.0.0.1:8484", "http://127.0.0.1:8482",
    ]  # fmt: skip
    assert made.gateway == "LiteLLM"
    assert made.placed["chat (openai/gpt-4.1)"] == "primary, http://127.0.0.1:8481/v1"


def test_what_is_not_about_the_twin_stays_with_its_comments_and_order():
    made = twin_of(CONFIG)
    for line in (
        "# Production gateway. Ask the platform team before you change it.",
        "  # the everyday model",
        "# rotated monthly, was [removed]",
        '      api_version: "2025-01-01-preview"',
        '  fallbacks: [{chat: [chat-backup]}, {chat-backup: ["chat-us"]}]',
    ):
        assert line in made.text
    before, after = read(CONFIG), read(made.text)
    assert list(after) == list(before)
    assert after["router_settings"]["allowed_fails"] == 1
    assert params(made, 0)["rpm"] == 600


def test_every_key_is_a_variable_of_its_own_and_is_listed():
    made = twin_of(CONFIG)
    assert not [secret for secret in SECRETS if secret in made.text]
    assert params(made, 0)["api_key"] == "os.environ/GAMEDAY_TWIN_OPENAI_API_KEY"
    assert params(made, 1)["api_key"] == "os.environ/GAMEDAY_TWIN_AZURE_EU_KEY"
    assert params(made, 2)["api_key"] == "os.environ/GAMEDAY_TWIN_AZURE_API_KEY"  # the usual one
    after = read(made.text)
    assert after["general_settings"]["master_key"] == "os.environ/GAMEDAY_TWIN_MASTER_KEY"
    assert after["environment_variables"]["LANGFUSE_HOST"] == "https://cloud.langfuse.com"
    written = {word for word in made.text.split() if "GAMEDAY_TWIN_" in word}
    for variable in made.keys:
        assert any(variable in word for word in written)
    assert made.keys["GAMEDAY_TWIN_AZURE_EU_KEY"] == "chat (azure/gpt-41-prod), at azure-eu"


def test_cache_and_cooldowns_are_the_twins_own():
    after = read(twin_of(CONFIG).text)
    assert after["litellm_settings"]["cache_params"]["namespace"] == "gameday-twin"
    assert after["router_settings"]["redis_host"] == "os.environ/GAMEDAY_TWIN_REDIS_HOST"


@pytest.mark.parametrize(
    ("cache", "key", "value"),
    [
        ("{cache: true}", "namespace", "gameday-twin"),
        (
            "{cache: true, cache_params: {type: qdrant-semantic, qdrant_collection_name: c}}",
            "qdrant_collection_name",
            "c-gameday-twin",
        ),
    ],
)
def test_caches_of_other_kinds(cache, key, value):
    made = twin_of(f"model_list: []\nlitellm_settings: {cache}\n")
    assert read(made.text)["litellm_settings"]["cache_params"][key] == value


def test_a_cache_without_namespaces_is_said():
    made = twin_of("model_list: []\nlitellm_settings: {cache: true, cache_params: {type: s3}}\n")
    assert any("s3 knows no namespaces" in note for note in made.notes)


def test_the_marker_is_let_through():
    after = read(twin_of(CONFIG).text)
    assert after["general_settings"]["forward_client_headers_to_llm_api"] is True
    bare = read(twin_of("model_list: []\n").text)
    assert bare["general_settings"] == {"forward_client_headers_to_llm_api": True}
    with pytest.raises(FileError, match="begin with x- alone"):
        twin_of(CONFIG, marker="gameday-mark")


def test_integrations_are_named_and_calls_are_tagged():
    made = twin_of(CONFIG)
    assert any("callback langfuse" in note for note in made.notes)
    assert any("alerting slack" in note for note in made.notes)
    assert params(made, 0)["tags"] == ["gameday-twin"]
    filtered = twin_of(CONFIG.replace("allowed_fails", "enable_tag_filtering"))
    assert "tags" not in params(filtered, 0)


def test_what_the_gate_does_not_stand_for_is_refused_with_a_way_on():
    bedrock = """\
model_list:
  - model_name: embed
    litellm_params: {model: bedrock/titan, aws_secret_access_key: abcdefabcdef}
"""
    with pytest.raises(FileError, match=r"embed \(bedrock/titan\) has no one place") as refused:
        twin_of(bedrock)
    assert "--map embed=direct" in refused.value.next_step
    made = twin_of(bedrock, {"embed": "direct"})
    assert "api_base" not in params(made, 0)
    assert params(made, 0)["aws_secret_access_key"].startswith("os.environ/GAMEDAY_TWIN_")


def test_merged_and_aliased_settings_are_each_their_own():
    made = twin_of("""\
x-azure: &azure
  api_base: https://prod-eu.openai.azure.com
  api_key: literalliteral
model_list:
  - model_name: a
    litellm_params: {<<: *azure, model: azure/a}
  - model_name: b
    litellm_params: &b {<<: *azure, model: azure/b}
  - model_name: c
    litellm_params: *b
""")
    assert {params(made, n)["api_base"] for n in range(3)} == {"http://127.0.0.1:8483"}
    assert {params(made, n)["api_key"] for n in range(3)} == {
        "os.environ/GAMEDAY_TWIN_AZURE_EU_KEY"
    }
    assert "literalliteral" not in made.text


def test_a_credential_that_holds_the_url_is_followed():
    made = twin_of("""\
model_list:
  - model_name: chat
    litellm_params: {model: azure/a, litellm_credential_name: eu}
credential_list:
  - credential_name: eu
    credential_values: {api_key: literalliteral, api_base: https://prod-eu.openai.azure.com}
    credential_info: {custom_llm_provider: azure}
""")
    values = read(made.text)["credential_list"][0]["credential_values"]
    assert values["api_base"] == "http://127.0.0.1:8483"
    assert values["api_key"] == "os.environ/GAMEDAY_TWIN_AZURE_EU_KEY"
    assert "api_base" not in params(made, 0)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("model_list: [", "is not valid YAML"),
        ("model_list: [1]", "has no litellm_params"),
        ("include: [more.yaml]\nmodel_list: []", "includes other files"),
        ("a: 1\na: 2\nmodel_list: []", "is not valid YAML"),
        ("services: {}", "neither LiteLLM's"),
        ("", "neither LiteLLM's"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(text, sentence):
    with pytest.raises(FileError, match=sentence):
        twin_of(text)


SECRET = st.text("abcdefghijklmnopqrstuvwxyzABCDEF0123456789+/=_-", min_size=10, max_size=40)
PLACES = st.sampled_from(
    [
        "general_settings: {{master_key: {0}}}",
        "general_settings: {{note: hello, deep: [{{list: [{{client_secret: {0}}}]}}]}}",
        "environment_variables: {{SOME_TOKEN: {0}, SAME: {0}}}  # {0}",
        "litellm_settings: {{alias: {0}, cache: true, cache_params: {{password: {0}}}}}",
        "router_settings: {{redis_url: 'redis://u:{0}@host:1/0'}}\nother: {{api_key: {0}}}",
        "# {0}\nx: {{api_key: {0}}}\n# and {0} again",
        "callback_settings: {{otel: {{headers: {{authorization: 'Bearer {0}'}}}}}}",
    ]
)


@settings(max_examples=60, deadline=None)
@given(SECRET, st.lists(st.tuples(PLACES, SECRET), max_size=3, unique_by=lambda at: at[0][:12]))
def test_no_literal_key_of_the_original_is_in_the_twin(first, others):
    quoted = [(place, f"k{secret}k") for place, secret in others]
    text = f"""\
model_list:
  - model_name: chat
    litellm_params: {{model: openai/gpt-4.1, api_key: 'k{first}k'}}
""" + "\n".join(place.format(secret) for place, secret in quoted)
    made = twin_of(text)
    for secret in (f"k{first}k", *(secret for _, secret in quoted)):
        assert secret not in made.text
        assert not [line for line in (*made.keys.values(), *made.notes) if secret in line]
    assert read(made.text)["model_list"][0]["litellm_params"]["api_base"]
