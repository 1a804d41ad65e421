"""The backend `router_alias` beyond the contract: what is asked of a router, word for word."""

import pytest
from pydantic import ValidationError

from gameday.components.router_alias import RouterAlias
from gameday.domain.errors import ComponentError
from tests.contract.rigs.router_alias import LiteLlmRig, RouterRig


@pytest.fixture
def plain(tmp_path):
    made = RouterRig(tmp_path)
    yield made
    made.close()


@pytest.fixture
def litellm(tmp_path):
    made = LiteLlmRig(tmp_path)
    yield made
    made.close()


async def test_a_plain_alias_is_put_with_the_etag_it_was_read_with(plain):
    await plain.backend.change(plain.new, await plain.backend.snapshot())
    assert plain.asked[-1] == ("PUT", "/aliases/answers", {"model": plain.new})
    assert plain.kept_whole["temperature"] == 0.2


async def test_a_plain_alias_that_moved_on_between_is_compared_anew(plain):
    undo, held = await plain.backend.snapshot(), plain.backend.held

    async def too_late():
        seen = await held()
        if plain.revision == 1:
            plain.set_by_others()
        return seen

    object.__setattr__(plain.backend, "held", too_late)
    with pytest.raises(ComponentError, match="is somebody-elses: neither heron-4-2026-08"):
        await plain.backend.change(plain.new, undo)
    assert plain.kept_whole["model"] == plain.foreign


async def test_litellm_is_asked_by_its_own_interface_and_for_the_model_alone(litellm):
    await litellm.backend.change(litellm.new, await litellm.backend.snapshot())
    wanted = {"litellm_params": {"model": "openai/heron-4-2026-08"}}
    assert litellm.asked[0] == ("GET", "/model/info?litellm_model_id=answers", None)
    assert litellm.asked[-1] == ("PATCH", "/model/answers/update", wanted)
    assert litellm.kept_whole["temperature"] == 0.2


async def test_litellms_provider_is_no_part_of_the_name_that_the_provider_knows(litellm):
    assert await litellm.backend.ready(litellm.new) == ""
    method, path, body = litellm.asked[-1]
    assert (method, path, body["model"]) == ("POST", "/v1/chat/completions", "heron-4-2026-08")
    assert body["max_tokens"] == 1


async def test_a_deployment_that_litellm_does_not_know_is_said(litellm):
    backend = litellm.backend.model_copy(update={"alias": "answer"})
    with pytest.raises(ComponentError, match=r"answers GET with 400: .*not found on litellm"):
        await backend.read()


async def test_a_model_that_another_answers_for_is_no_standby(plain, monkeypatch):
    monkeypatch.setattr(plain, "answer", lambda *_: (200, {"model": "heron-4-2026-09"}))
    said = await plain.backend.ready(plain.new)
    assert said == "heron-4-2026-08 is not to be had: heron-4-2026-09 answered"
    # A floating name is answered by a dated one.
    assert await plain.backend.ready("heron-4") == ""


async def test_without_a_standby_nothing_is_known_of_the_way_back(plain):
    backend = plain.backend.model_copy(update={"standby": None})
    assert not backend.asks_ready
    assert await backend.ready(plain.new) == ""
    assert plain.asked == []


@pytest.mark.parametrize("alias", ["", "a\nb", "x" * 201], ids=["empty", "two lines", "long"])
def test_an_alias_is_a_name(alias):
    with pytest.raises(ValidationError, match="alias: expected a name"):
        RouterAlias(url="http://127.0.0.1:1", alias=alias)
