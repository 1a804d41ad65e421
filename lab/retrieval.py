"""Finds the passages of the corpus that fit a question (BM25 over whole documents)."""

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.words import terms

CORPUS = Path(__file__).parent / "corpus"
_SATURATION = 1.2  # BM25's k1: how soon a repeated term stops to add
_LENGTH_SHARE = 0.6  # BM25's b: how much a long document is marked down
_TITLE_REPEATS = 3  # a term of the title counts as if it were said so often


@dataclass(frozen=True)
class Passage:
    """One document of the corpus: a title and one sentence a line."""

    title: str
    sentences: tuple[str, ...]
    source: str = ""  # the document's id; '' for what is in no corpus

    def __str__(self) -> str:
        return "\n".join([f"# {self.title}", *self.sentences]) + "\n"


class Corpus:
    """Documents, indexed once."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = passages
        self.digest = hashlib.sha256("\n".join(map(str, passages)).encode()).hexdigest()
        self._counts = [_count(passage) for passage in passages]
        self._lengths = [count.total() for count in self._counts]
        self._length_mean = sum(self._lengths) / max(len(self._lengths), 1) or 1.0
        self._holders = Counter(term for count in self._counts for term in count)

    def best(self, question: str, passages_max: int = 3) -> list[Passage]:
        """Return the passages that fit best; fewer, or none, when nothing was asked for."""
        asked = set(terms(question))
        scores = [(self._score(asked, number), -number) for number in range(len(self.passages))]
        ranked = sorted(scores, reverse=True)[:passages_max]
        return [self.passages[-number] for score, number in ranked if score > 0]

    def _score(self, asked: set[str], number: int) -> float:
        counts = self._counts[number]
        size = self._lengths[number] / self._length_mean
        damping = _SATURATION * (1 - _LENGTH_SHARE + _LENGTH_SHARE * size)
        return sum(
            self._rarity(term) * counts[term] * (_SATURATION + 1) / (counts[term] + damping)
            for term in asked
            if counts[term]
        )

    def _rarity(self, term: str) -> float:
        holders = self._holders[term]
        return math.log(1 + (len(self.passages) - holders + 0.5) / (holders + 0.5))


def read_corpus(folder: Path = CORPUS) -> Corpus:
    """The documents of a folder. Raises OSError and UnicodeDecodeError."""
    files = sorted(folder.glob("*.md"))
    return Corpus([_read(file.name, file.read_text(encoding="utf-8")) for file in files])


def _read(name: str, text: str) -> Passage:
    title, *lines = text.splitlines() or [""]
    sentences = tuple(line for line in lines if line.strip())
    return Passage(title.removeprefix("# "), sentences, name)


def _count(passage: Passage) -> Counter[str]:
    counts = Counter(term for sentence in passage.sentences for term in terms(sentence))
    for term in terms(passage.title):
        counts[term] += _TITLE_REPEATS
    return counts
