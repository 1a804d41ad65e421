"""What goes into the prompt: passages, the order tool's answer, and nothing when it is down."""

import httpx
import pytest

from gameday.supervisor.ports import free_port
from lab.assistant.knowledge import Knowledge
from lab.order_tool.__main__ import app


@pytest.fixture
async def knowledge(monkeypatch: pytest.MonkeyPatch) -> Knowledge:
    known = Knowledge("http://tool")
    tool = httpx.AsyncClient(transport=httpx.ASGITransport(app()), base_url="http://tool")
    monkeypatch.setattr(known, "_tool", tool)
    return known


async def test_passages_of_the_corpus_are_in_the_prompt(knowledge: Knowledge) -> None:
    filled = await knowledge.instructions("How long does the free trial last?")
    assert "The free trial lasts 21 days" in filled


async def test_an_order_is_looked_up(knowledge: Knowledge) -> None:
    filled = await knowledge.instructions("Where is TW-1088?")
    assert "The status of order TW-1088 is: on its way, with UPS." in filled


async def test_an_unknown_order_is_said_to_be_unknown(knowledge: Knowledge) -> None:
    assert "there is no order" in await knowledge.instructions("Where is TW-0000?")


async def test_a_tool_that_is_down_leaves_the_prompt_without_the_order() -> None:
    known = Knowledge(f"http://127.0.0.1:{free_port()}")
    filled = await known.instructions("What is the status of order TW-1088?")
    await known.close()
    assert "TW-1088" not in filled


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


@pytest.mark.parametrize(("sandbox", "real", "apart"), [(False, 1, 0), (True, 0, 1)])
async def test_a_ticket_is_opened_where_it_belongs(
    knowledge: Knowledge, sandbox: bool, real: int, apart: int
) -> None:
    edition = knowledge.edition()
    for question in (
        "Open a ticket about TW-1088, says Ada",
        "Where is the ticket about TW-1088, asks Bob?",
    ):
        await knowledge.brief(question, edition, sandbox=sandbox)
    for book, wanted in (("real", real), ("sandbox", apart)):
        counted = await knowledge._tool.get(f"/tickets/{book}", params={"about": "Ada"})
        assert counted.json() == {"count": wanted}
        nobody = await knowledge._tool.get(f"/tickets/{book}", params={"about": "Bob"})
        assert nobody.json() == {"count": 0}
