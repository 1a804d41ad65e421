"""What goes into the prompt: passages, the order tool's answer, and nothing when it is down."""

from collections.abc import AsyncIterator

import httpx
import pytest

from lab.assistant.knowledge import Knowledge
from lab.order_tool.__main__ import app
from tests.lab.assistant.test_order_desk import desk_at


@pytest.fixture
async def knowledge() -> AsyncIterator[Knowledge]:
    known = Knowledge(desk_at(httpx.ASGITransport(app())))
    yield known
    await known.close()


async def test_passages_of_the_corpus_are_in_the_prompt(knowledge: Knowledge) -> None:
    filled = await knowledge.instructions("How long does the free trial last?")
    assert "The free trial lasts 21 days" in filled


async def test_an_order_is_looked_up(knowledge: Knowledge) -> None:
    filled = await knowledge.instructions("What is the status of order TW-1088?")
    assert "The status of order TW-1088 is: on its way, with UPS." in filled
    assert filled.count("# ") > 1  # the pages are there as well


async def test_an_order_that_cannot_be_looked_up_is_all_that_the_model_is_told() -> None:
    """Else it would make an answer of whatever page speaks of orders."""
    down = Knowledge(desk_at(httpx.MockTransport(lambda _: httpx.Response(503))))
    filled = await down.instructions("What is the status of order TW-1088?")
    await down.close()
    assert "TW-1088 cannot be looked up right now" in filled
    assert filled.count("# ") == 1


async def test_the_version_names_prompt_corpus_and_index(knowledge: Knowledge) -> None:
    prompt, corpus, index = knowledge.edition().version.split("+")
    assert prompt == "support-v3"
    assert corpus.removeprefix("corpus-") == index.removeprefix("index-")
    knowledge.indexes.serve("empty")
    assert knowledge.edition().version == f"support-v3+{corpus}+index-empty"


async def test_what_a_request_is_answered_with_does_not_change_under_way(
    knowledge: Knowledge,
) -> None:
    edition = knowledge.edition()
    knowledge.indexes.serve("empty")
    trial = "How long does the free trial last?"
    assert "The free trial lasts 21 days" in (await knowledge.brief(trial, edition)).instructions
    assert "The free trial lasts 21 days" not in await knowledge.instructions(trial)
