"""`gameday init`: what it writes is read as it stands, and a drill can be planned from it."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameday.catalog.files import load_drill, load_policy, load_target
from gameday.catalog.gate_file import load_gate_config
from gameday.catalog.suite_files import load_suite
from gameday.cli.drafts import Draft, DraftProvider, draft_providers, slug
from gameday.cli.main import main
from gameday.cli.planning import prepare
from gameday.twin.listeners import Endpoint as Named
from tests.gameday.probes.test_sniff import MESSAGE, OPENAI, Endpoint

EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "examples"
PORTKEY = {
    "strategy": {"mode": "fallback"},
    "targets": [
        {"provider": "openai", "api_key": "sk-very-secret-key"},
        {"provider": "anthropic", "api_key": "sk-ant-very-secret"},
        {"provider": "bedrock", "name": "eu\nwest"},
    ],
}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def loaded(folder):
    """Everything that was written, read as Gameday reads it."""
    drill = load_drill(folder / "drills" / "first-drill.yaml")
    target = load_target(folder / "gameday.yaml")
    policy, gate = load_policy(folder / "policy.yaml"), load_gate_config(folder / "gate.yaml")
    assert load_suite(folder / target.suite).suite == drill.load.suite
    assert drill.target == target.target == policy.allow[0].target
    assert set(target.environments) == {policy.allow[0].environment}
    assert set(target.gates.values()) <= set(gate.listeners)
    return drill, target, policy, gate


def test_from_an_endpoint_everything_is_there_for_a_first_plan(here, capsys):
    headers = {"x-served-by": "primary"}
    with Endpoint({"/v1/chat/completions": (200, OPENAI)}, headers) as endpoint:
        assert main(["init", "--endpoint", f"{endpoint.url}/v1/chat/completions"]) == 0
    said = capsys.readouterr().out
    assert f"found  {endpoint.url}/v1 speaks the dialect openai, and tells who served in" in said
    assert "next   4. gameday run first-drill" in said
    _, target, _, _ = loaded(here)
    assert target.environments["staging"].front_door == f"{endpoint.url}/v1"
    assert target.front_door.served_by_header == "x-served-by"
    assert target.front_door.marker.header == "x-gameday"
    assert target.synthetic.tools == "sandbox"
    assert prepare("first-drill", [], here / "gameday.yaml", None).plan.faults
    assert (here / "gate.token").stat().st_mode & 0o777 == 0o600


def test_what_speaks_something_of_its_own_gets_a_template(here, capsys):
    with Endpoint({"/ask/chat/completions": (200, {"reply": "ready"})}) as endpoint:
        assert main(["init", "--endpoint", f"{endpoint.url}/ask"]) == 0
    assert "the dialect is taken to be template: look at front_door" in capsys.readouterr().out
    _, target, _, _ = loaded(here)
    assert target.front_door.dialect == "template"
    assert target.front_door.request.path == "/ask"
    assert target.environments["staging"].front_door == endpoint.url
    assert target.front_door.request.json_ == {"question": "{{question}}"}


def test_a_template_carries_the_key_where_there_is_one(here, monkeypatch):
    monkeypatch.setenv("DOOR_KEY", "sk-very-secret-key")
    argv = ["--endpoint", "http://127.0.0.1:1/ask", "--dialect", "template", "--key"]
    assert main(["init", *argv, "env:DOOR_KEY"]) == 0
    door = loaded(here)[1].front_door
    assert door.key == "env:DOOR_KEY"
    assert door.request.headers == {"authorization": "Bearer {{key}}"}


def test_what_a_person_says_goes_before_what_is_seen(here, capsys):
    with Endpoint({"/chat/completions": (200, OPENAI)}) as endpoint:
        argv = ["init", "--endpoint", endpoint.url, "--dialect", "template"]
        assert main(argv) == 0
    assert "is taken to be" not in capsys.readouterr().out
    assert loaded(here)[1].front_door.dialect == "template"


def test_a_key_is_used_and_only_its_reference_is_written(here, monkeypatch):
    monkeypatch.setenv("DOOR_KEY", "sk-very-secret-key")
    with Endpoint({"/messages": (200, MESSAGE)}) as endpoint:
        argv = ["init", "--endpoint", endpoint.url, "--key", "env:DOOR_KEY", "--name", "My Shop!"]
        assert main(argv) == 0
        assert endpoint.asked[1][1]["x-api-key"] == "sk-very-secret-key"
    _, target, _, _ = loaded(here)
    assert (target.target, target.front_door.key) == ("my-shop", "env:DOOR_KEY")
    assert target.front_door.dialect == "anthropic"
    assert "sk-very" not in "".join(p.read_text() for p in here.rglob("*") if p.is_file())


def test_from_litellm_each_provider_has_its_listener(here):
    assert main(["init", "--from", str(EXAMPLES / "litellm.yaml")]) == 0
    drill, target, _, gate = loaded(here)
    assert target.environments["staging"].front_door == "http://127.0.0.1:4000/v1"
    assert {name: one.upstream for name, one in gate.listeners.items()} == {
        "primary": "https://api.openai.com", "secondary": "https://api.anthropic.com",
    }  # fmt: skip
    assert {name: one.dialect for name, one in target.providers.items()} == {
        "primary": "openai", "secondary": "anthropic",
    }  # fmt: skip
    assert [spec.kind for spec in drill.checks] == ["slo", "fallback", "recovered_within"]
    assert prepare("first-drill", [], here / "gameday.yaml", None).plan.faults
    twin = ["twin", str(EXAMPLES / "litellm.yaml"), "--gate", "gate.yaml", "--out", "twin.yaml"]
    assert main(twin) == 0, "the twin finds its places at the gate that was written"


def test_from_portkey_no_secret_is_copied_and_strangers_are_named(here, capsys):
    (here / "portkey.json").write_text(json.dumps(PORTKEY))
    assert main(["init", "--from", "portkey.json", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["dialect"] == "openai"
    _, _, _, gate = loaded(here)
    assert set(gate.listeners) == {"primary", "secondary"}
    text = (here / "gameday.yaml").read_text()
    assert "# left out, as the gate speaks none of its dialects: eu west (bedrock)" in text
    for path in document["files"]:
        assert "very-secret" not in Path(path).read_text()
    twin = ["twin", "portkey.json", "--gate", "gate.yaml"]
    assert main([*twin, "--map", "eu\nwest=direct"]) == 0


def test_what_is_there_is_never_overwritten_unasked(here, capsys):
    argv = ["init", "--endpoint", "http://127.0.0.1:1/v1", "--out", "there"]
    assert main(argv) == 0
    token = (here / "there" / "gate.token").read_text()
    (here / "there" / "policy.yaml").write_text("mine")
    (here / "there" / "suite.yaml").unlink()
    capsys.readouterr()
    assert main(argv) == 2
    refused = capsys.readouterr().err
    assert "there/policy.yaml" in refused
    assert "nothing was written" in refused
    assert not (here / "there" / "suite.yaml").exists()
    assert main([*argv, "--force"]) == 0
    assert (here / "there" / "policy.yaml").read_text() != "mine"
    assert (here / "there" / "gate.token").read_text() == token


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        ([], "neither an endpoint nor a gateway's configuration is named"),
        (["--endpoint", "shop.example"], "--endpoint shop.example: expected text"),
        (["--endpoint", "http://127.0.0.1:1", "--dialect", "smoke"], "expected openai, anthropic"),
        (["--endpoint", "http://127.0.0.1:1", "--key", "env:NOT_SET"], "env:NOT_SET is not there"),
        (["--from", "nothing.yaml"], "nothing.yaml cannot be read"),
        (["--from", "other.yaml"], "is neither LiteLLM's"),
        (["--from", "bedrock.json"], "names no provider that the gate can stand for"),
    ],
)
def test_refusals_write_nothing(here, capsys, argv, says):
    (here / "other.yaml").write_text("a: 1\n")
    (here / "bedrock.json").write_text('{"provider": "bedrock"}')
    assert main(["init", *argv]) == 2
    assert says in capsys.readouterr().err
    assert not (here / "gameday.yaml").exists()


def test_for_production_the_policy_asks_for_a_second_person(here):
    argv = ["init", "--endpoint", "http://127.0.0.1:1/v1", "--environment", "production"]
    assert main(argv) == 0
    assert load_policy(here / "policy.yaml").allow[0].approvals == 1


TEXTS = st.text(max_size=30)


@settings(deadline=None, max_examples=25)
@given(
    name=TEXTS, found=TEXTS, model=st.text(min_size=1, max_size=20), about=TEXTS, left=TEXTS,
    dialect=st.sampled_from(["openai", "anthropic", "template"]), providers=st.integers(1, 3),
)  # fmt: skip
def test_whatever_others_have_written_the_files_can_be_read(
    tmp_path_factory, name, found, model, about, left, dialect, providers
):
    folder = tmp_path_factory.mktemp("drafts")
    made = tuple(
        DraftProvider(f"p{number}", about, "openai", "https://api.example")
        for number in range(providers)
    )
    draft = Draft(
        name=slug(name), environment="staging", base="http://127.0.0.1:1", path="/", found=found,
        dialect=dialect, model=model, key="", served_by_header="", providers=made,
        left_out=(left,),
    )  # fmt: skip
    for path, text in draft.files().items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    _, target, _, gate = loaded(folder)
    assert target.front_door.model == ("assistant" if dialect == "template" else model)
    assert list(gate.listeners) == [one.name for one in made]


def named(*names, **fields):
    return Named(label=names[0], names=names, **fields)


def test_one_place_is_one_provider_and_names_do_not_repeat():
    asked = [
        named("a", dialect="openai", url="https://one.example/v1"),
        named("b", dialect="openai", url="https://one.example/v1"),
        named("c", dialect="openai", url="https://two.example"),
        named("Chat", dialect="anthropic", usual_url="https://api.anthropic.com"),
        named("chat", dialect="azure_openai", url="os.environ/X", is_variable=True),
        named("x", dialect=None, url="https://three.example"),
    ]
    made, left_out = draft_providers(asked)
    assert [(one.name, one.upstream) for one in made] == [
        ("primary", "https://one.example"), ("secondary", "https://two.example"),
        ("chat", "https://api.anthropic.com"), ("chat-2", "https://NAME.openai.azure.com"),
    ]  # fmt: skip
    assert left_out == ["x"]
