"""What the assistant knows about a question: passages of the corpus, and what its tool says."""

import re

import httpx

from lab.assistant.order_passage import no_order_passage, order_passage
from lab.order_tool.orders import ORDER_NUMBER
from lab.prompt import CURRENT, read_prompt
from lab.retrieval import Corpus, Passage

_TOOL_TIMEOUT_S = 0.5
_WANTS_TICKET = re.compile(r"\bopen a ticket\b", re.IGNORECASE)


class Knowledge:
    """The corpus, the prompt and the order tool, which looks orders up and opens tickets."""

    def __init__(self, order_tool: str, prompt: str = CURRENT) -> None:
        self._corpus = Corpus()
        self._prompt = read_prompt(prompt)
        self._tool = httpx.AsyncClient(
            base_url=order_tool, trust_env=False, timeout=_TOOL_TIMEOUT_S
        )

    @property
    def version(self) -> str:
        """Changes when the prompt or the corpus does."""
        return f"{self._prompt.version}+corpus-{self._corpus.digest[:8]}"

    async def instructions(self, question: str, *, sandbox: bool = False) -> str:
        """Fill the prompt with what fits `question`; `sandbox` keeps the tool from acting."""
        told = await self._ask_tool(question, sandbox=sandbox)
        return self._prompt.fill([*told, *self._corpus.best(question)])

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
