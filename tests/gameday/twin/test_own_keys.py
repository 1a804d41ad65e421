import pytest

from gameday.domain.errors import FileError
from gameday.twin.own_keys import OwnKeys, hint_of, is_secret


def keys():
    return OwnKeys(
        lambda variable: f"os.environ/{variable}",
        lambda text: text.removeprefix("os.environ/") if text.startswith("os.environ/") else "",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api_key", "x"), ("apiKey", "x"), ("master_key", "sk-1234"), ("key", "abc"),
        ("aws_secret_access_key", "x"), ("azure_ad_token", "x"), ("client_secret", "x"),
        ("database_url", "postgres://db"), ("redis_password", 12345678), ("Authorization", "x"),
        ("SLACK_WEBHOOK_URL", "x"), ("LANGFUSE_SECRET_KEY", "x"), ("vertex_credentials", "x"),
        ("note", "sk-proj-abcdef"), ("extra", "Bearer abcdef"), ("url", "redis://:pw@host"),
        ("url", "https://u:pw@host/v1"), ("hook", "https://hooks.slack.com/services/T/B/x"),
    ],
)  # fmt: skip
def test_secrets_are_known_by_name_or_looks(name, value):
    assert is_secret(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_tokens", 2048), ("model", "openai/gpt-4.1"), ("api_base", "https://api.openai.com/v1"),
        ("key", None), ("api_key", ""), ("infer_model_from_keys", True), ("rpm_per_key", 100),
        ("key_management_system", "google_kms"), ("provider", "openai"), ("tokenizer", "x"),
    ],
)  # fmt: skip
def test_what_is_no_secret_stays(name, value):
    assert not is_secret(name, value)


def test_equal_secrets_share_a_variable_and_different_ones_never_do():
    own = keys()
    assert own.own("aaaaaa", "primary_key", "m1") == "os.environ/GAMEDAY_TWIN_PRIMARY_KEY"
    assert own.own("bbbbbb", "primary-key", "m2") == "os.environ/GAMEDAY_TWIN_PRIMARY_KEY_2"
    assert own.own("aaaaaa", "other", "m3") == "os.environ/GAMEDAY_TWIN_PRIMARY_KEY"
    assert own.purposes == {"GAMEDAY_TWIN_PRIMARY_KEY": "m1", "GAMEDAY_TWIN_PRIMARY_KEY_2": "m2"}


def test_a_variable_becomes_the_twins_own_and_stays_so():
    own = keys()
    mine = own.own("os.environ/OPENAI_KEY", "x", "m")
    assert mine == "os.environ/GAMEDAY_TWIN_OPENAI_KEY"
    assert own.own(mine, "y", "n") == mine
    assert own.purposes == {"GAMEDAY_TWIN_OPENAI_KEY": "m"}


def test_what_is_left_of_a_secret_is_found():
    own = keys()
    own.own("topsecret", "x", "m")
    own.own("os.environ/OPENAI_KEY", "x", "m")
    assert own.without_secrets("# was topsecret, then sk-old-123456") == (
        "# was [removed], then [removed]"
    )
    with pytest.raises(FileError, match="cannot be replaced"):
        own.require_none("topsecret: {}", "c.yaml")
    assert own.require_none("os.environ/OPENAI_KEY", "c.yaml")


def test_a_word_that_says_little_takes_the_one_before():
    assert hint_of(("litellm_settings", "cache_params", "password")) == "cache_params_password"
    assert hint_of(("general_settings", "master_key")) == "master_key"
