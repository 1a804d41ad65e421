"""What the assistant knows about a question: passages of the corpus, and what its tool says."""

import httpx

from lab.assistant.order_passage import no_order_passage, order_passage
from lab.order_tool.orders import ORDER_NUMBER
from lab.prompt import read_prompt
from lab.retrieval import Corpus, Passage

_TOOL_TIMEOUT_S = 0.5


class Knowledge:
    """The corpus, the prompt and the order tool."""

    def __init__(self, order_tool: str) -> None:
        self._corpus = Corpus()
        self._prompt = read_prompt()
        self._tool = httpx.AsyncClient(
            base_url=order_tool, trust_env=False, timeout=_TOOL_TIMEOUT_S
        )

    @property
    def version(self) -> str:
        """Changes when the prompt or the corpus does."""
        return f"{self._prompt.version}+corpus-{self._corpus.digest[:8]}"

    async def instructions(self, question: str) -> str:
        """Fill the prompt with what fits `question`."""
        return self._prompt.fill([*await self._ask_tool(question), *self._corpus.best(question)])

    async def _ask_tool(self, question: str) -> list[Passage]:
        named = ORDER_NUMBER.search(question)
        if named is None:
            return []
        try:
            response = await self._tool.get(f"/orders/{named[0]}")
        except httpx.HTTPError:
            return []  # the prompt makes the model say that it could not find the order
        if response.status_code == httpx.codes.NOT_FOUND:
            return [no_order_passage(named[0])]
        return [order_passage(response.json())] if response.is_success else []

    async def close(self) -> None:
        await self._tool.aclose()
