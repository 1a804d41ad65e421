"""What the assistant knows about a question: passages of the corpus, and what its tool says."""

from dataclasses import dataclass
from pathlib import Path

from lab.assistant.caller import NOBODY, Caller
from lab.assistant.fence import Fence
from lab.assistant.indexes import Index, Indexes
from lab.assistant.order_desk import OrderDesk
from lab.assistant.prompt_label import PromptLabel
from lab.assistant.settings import Gullibility
from lab.prompt import LABEL, PACKAGED, PromptTemplate


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
    """The corpus, the prompt and the order desk, which looks orders up and opens tickets."""

    def __init__(
        self,
        desk: OrderDesk,
        content: Path = PACKAGED,
        *,
        prompt_cache_s: float = 0.0,
        trusts_known_indexes: bool = False,
        gullibility: Gullibility | None = None,
        index_cache_s: float = 0.0,
    ) -> None:
        """content: the folder that has corpus/ and prompts/, which may be edited meanwhile."""
        self.indexes = Indexes(
            content / "corpus", trusts_known=trusts_known_indexes, cache_s=index_cache_s
        )
        self._prompt = PromptLabel(content, LABEL, prompt_cache_s)
        self._fence = Fence(gullibility or Gullibility())
        self._desk = desk

    def edition(self) -> Edition:
        """What the next request is answered with."""
        prompt = self._prompt.current()
        return Edition(prompt, self.indexes.in_use, f"{prompt.version}+{self.indexes.version}")

    async def instructions(self, question: str, caller: Caller = NOBODY) -> str:
        """The prompt, filled with what fits `question` now."""
        return (await self.brief(question, self.edition(), caller)).instructions

    async def brief(self, question: str, edition: Edition, caller: Caller = NOBODY) -> Brief:
        """Fill the prompt with what fits `question`."""
        told = await self._desk.ask(question, caller)
        found = [] if told.alone else edition.index.corpus.best(question)
        fenced = self._fence.around([*told.passages, *found])
        return Brief(
            edition.prompt.fill(fenced.passages),
            tuple(passage.source for passage in found),
            fenced.called,
        )

    async def close(self) -> None:
        await self._desk.close()
