"""The indexes of the corpus that were built, and the one that an alias stands for."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab.retrieval import Corpus, read_corpus

EMPTY = "empty"
_NAME_CHARACTERS = 8
_KEPT_MAX = 20  # indexes; those that were not served for the longest go first


class UnknownIndexError(Exception):
    """No index of that name is kept."""


class MovedMeanwhileError(Exception):
    """The alias is not where the writer had seen it."""


@dataclass(frozen=True)
class Index:
    """name: the digest of what is in it, or `empty`."""

    name: str
    corpus: Corpus


class Indexes:
    """Built from one folder, and served by alias."""

    def __init__(
        self,
        folder: Path,
        *,
        trusts_known: bool = False,
        cache_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """trusts_known: the defect stale_index. cache_s: the defect index_cache.

        An index is loaded at most once in so long: the first other one at once, the next later.
        """
        self._folder = folder
        self._trusts_known = trusts_known
        self._cache_s = cache_s
        self._clock = clock
        self._loaded_s = -math.inf
        self._kept: dict[str, Index] = {}
        self._moves = 0
        self.served = self._empty = Index(EMPTY, Corpus(()))
        self._in_use = self.build()

    @property
    def etag(self) -> str:
        return f'"{self._moves}"'

    @property
    def in_use(self) -> Index:
        """What requests are answered from: the one that is served, once that is loaded."""
        now_s = self._clock()
        if self._in_use is not self.served and now_s >= self._loaded_s + self._cache_s:
            self._in_use, self._loaded_s = self.served, now_s
        return self._in_use

    @property
    def version(self) -> str:
        """The corpus as it was last read, and the index that is in use: alike in good times."""
        return f"corpus-{self._read}+index-{self.in_use.name}"

    @property
    def names(self) -> list[str]:
        return [EMPTY, *self._kept]

    def find(self, name: str) -> Index:
        """Raises UnknownIndexError."""
        if name == EMPTY:
            return self._empty
        if name not in self._kept:
            raise UnknownIndexError(f"no index {name}; there are {', '.join(self.names)}")
        return self._kept[name]

    def build(self) -> Index:
        """Read the corpus, and serve an index of it."""
        corpus = read_corpus(self._folder)
        name = self._read = corpus.digest[:_NAME_CHARACTERS]
        if name in self._kept and self._trusts_known:
            return self._kept[name]  # "it is there already": nobody asks if it is served
        self._kept[name] = Index(name, corpus)
        self._serve(self._kept[name])
        self._let_go()
        return self.served

    def serve(self, name: str, if_match: str | None = None) -> Index:
        """Lead the alias to an index. Raises UnknownIndexError, MovedMeanwhileError."""
        wanted = self.find(name)
        if if_match not in (None, "*", self.etag):
            raise MovedMeanwhileError(f"index {self.served.name} is served by now")
        self._serve(wanted)
        return wanted

    def _serve(self, index: Index) -> None:
        if index.name != self.served.name:
            self._moves += 1
        self.served = index
        if index.name in self._kept:  # the one that was served last is the last to go
            self._kept[index.name] = self._kept.pop(index.name)

    def _let_go(self) -> None:
        for name in list(self._kept)[:-_KEPT_MAX]:
            del self._kept[name]
