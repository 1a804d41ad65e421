"""What the assistant knows about a question: passages of the corpus, and what its tool says."""

import re
from dataclasses import dataclass
from pathlib import Path

import httpx

from lab.assistant.fence import Fence
from lab.assistant.indexes import Index, Indexes
from lab.assistant.order_passage import no_order_passage, order_passage
from lab.assistant.prompt_label import PromptLabel
from lab.assistant.settings import Gullibility
from lab.order_tool.orders import ORDER_NUMBER
from lab.prompt import LABEL, PACKAGED, PromptTemplate
from lab.retrieval import Passage

_TOOL_TIMEOUT_S = 0.5
_WANTS_TICKET = re.compile(r"\bopen a ticket\b", re.IGNORECASE)


@dataclass(frozen=True)
class Edition:
    """What one request is answered with. version: changes when the prompt or the index does."""

    prompt: PromptTemplate
    index: Index
    version: str


@dataclass(frozen=True)
class Brief:
    """What a model is told for one question, and what the assistant tells of that.

    sources: ids of the documents that were retrieved. called: tools that documents had called.
    """

    instructions: str
    sources: tuple[str, ...] = ()
    called: tuple[str, ...] = ()


class Knowledge:
    """The corpus, the prompt and the order tool, which looks orders up and opens tickets."""

    def __init__(
        self,
        order_tool: str,
        content: Path = PACKAGED,
        *,
        prompt_cache_s: float = 0.0,
        trusts_known_indexes: bool = False,
        gullibility: Gullibility | None = None,
    ) -> None:
        """content: the folder that has corpus/ and prompts/, which may be edited meanwhile."""
        self.indexes = Indexes(content / "corpus", trusts_known=trusts_known_indexes)
        self._prompt = PromptLabel(content, LABEL, prompt_cache_s)
        self._fence = Fence(gullibility or Gullibility())
        self._tool = httpx.AsyncClient(
            base_url=order_tool, trust_env=False, timeout=_TOOL_TIMEOUT_S
        )

    def edition(self) -> Edition:
        """What the next request is answered with."""
        prompt = self._prompt.current()
        return Edition(prompt, self.indexes.served, f"{prompt.version}+{self.indexes.version}")

    async def instructions(self, question: str, *, sandbox: bool = False) -> str:
        """The prompt, filled with what fits `question` now."""
        return (await self.brief(question, self.edition(), sandbox=sandbox)).instructions

    async def brief(self, question: str, edition: Edition, *, sandbox: bool = False) -> Brief:
        """Fill the prompt with what fits `question`; `sandbox` keeps the tool from acting."""
        told = await self._ask_tool(question, sandbox=sandbox)
        found = edition.index.corpus.best(question)
        fenced = self._fence.around([*told, *found])
        return Brief(
            edition.prompt.fill(fenced.passages),
            tuple(passage.source for passage in found),
            fenced.called,
        )

    async def _ask_tool(self, question: str, *, sandbox: bool) -> list[Passage]:
        named = ORDER_NUMBER.search(question)
        if named is None:
            return []
        try:
            if _WANTS_TICKET.search(question):
                ticket = {"order": named[0], "about": question, "sandbox": sandbox}
                await self._tool.post("/tickets", json=ticket)
            response = await self._tool.get(f"/orders/{named[0]}")
        except httpx.HTTPError:
            return []  # the prompt makes the model say that it could not find the order
        if response.status_code == httpx.codes.NOT_FOUND:
            return [no_order_passage(named[0])]
        return [order_passage(response.json())] if response.is_success else []

    async def close(self) -> None:
        await self._tool.aclose()
