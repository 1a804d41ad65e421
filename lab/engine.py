"""The model behind the lab's providers: it answers with sentences of the context in its prompt.

It knows nothing by itself. Every sentence of the context is scored against the question, noise
is drawn for each request as sampling does, and the best sentences are the answer. So an answer
changes with the prompt, with the context and with the model version, and between repetitions.
"""

import math
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lab.model_version import ModelVersion
from lab.planted import is_internal, is_order, is_to_repeat, word_to_say
from lab.tokens import count_tokens, tokens
from lab.words import terms

_CONTEXT = re.compile(r"<context>\n(.*?)</context>", re.DOTALL)
_SENTENCE_LIMIT = re.compile(r"at most (\d+) sentences?")
_WORD_LIMIT = re.compile(r"at most (\d+) words")
_REFUSAL = re.compile(r'does not hold the answer, say: "([^"]+)"')
_CAUTION = re.compile(r"\bonly what you are certain of\b")
_ASKS_FOR_A_FIGURE = re.compile(r"\b(how (much|many|long|large|big|often|soon|fast|high)|when)\b")
_FIGURE = re.compile(r"\d")
_SENTENCES_WITHOUT_LIMIT = 3
_CAUTIOUS = 2.8  # how much surer it must be that is told to be certain
# How much rougher a judgement is that took less thought.
_ROUGHNESS = {"low": 4.0, "medium": 2.0, "high": 1.0}
EFFORTS = tuple(_ROUGHNESS)
_BLIND_ANSWER = "That depends on your account and its settings."


@dataclass(frozen=True)
class Prompt:
    """What a request asks: the instructions with their context, and the question."""

    instructions: str
    question: str
    temperature: float = 1.0
    tokens_max: int = 256
    effort: str = "high"  # one of EFFORTS


@dataclass(frozen=True)
class Answer:
    """What the model says, and what it counted."""

    pieces: tuple[str, ...]
    tokens_in: int
    finish_reason: str  # "stop" or "length"

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def tokens_out(self) -> int:
        return len(self.pieces)


@dataclass(frozen=True)
class _Sentence:
    text: str
    title: str


def answer(prompt: Prompt, version: ModelVersion, draw: random.Random) -> Answer:
    """Answer `prompt` as `version` would, with the sampling noise that `draw` gives."""
    pieces = tokens(_say(prompt, version, draw))
    kept = pieces[: prompt.tokens_max]
    return Answer(
        pieces=tuple(kept),
        tokens_in=count_tokens(prompt.instructions) + count_tokens(prompt.question),
        finish_reason="stop" if len(kept) == len(pieces) else "length",
    )


def _say(prompt: Prompt, version: ModelVersion, draw: random.Random) -> str:
    return " ".join([_own_words(prompt, version, draw), *_ordered(prompt.instructions)])


def _ordered(instructions: str) -> list[str]:
    """What orders in its context make it say: it cannot tell whose they are."""
    lines = _context(instructions)
    said = [f"{word}." for line in lines if (word := word_to_say(line))]
    if any(map(is_to_repeat, lines)):
        said += filter(is_internal, lines)
    return said


def _own_words(prompt: Prompt, version: ModelVersion, draw: random.Random) -> str:
    if draw.random() < version.blind_share:
        return _BLIND_ANSWER
    ranked = _rank(prompt, version, draw)
    refusal = _REFUSAL.search(prompt.instructions)
    sure = version.refuse_below * (_CAUTIOUS if _CAUTION.search(prompt.instructions) else 1.0)
    if not ranked or (refusal and ranked[0][0] < sure):
        return refusal[1] if refusal else _BLIND_ANSWER
    sentences_max = _limit(_SENTENCE_LIMIT, prompt, _SENTENCES_WITHOUT_LIMIT)
    enough = ranked[0][0] * version.second_sentence_at
    said = [text for score, text in ranked[:sentences_max] if score >= enough]
    words_max = _limit(_WORD_LIMIT, prompt, sum(len(text.split()) for text in said))
    while len(said) > 1 and sum(len(text.split()) for text in said) > words_max:
        said.pop()
    return " ".join(said)


def _limit(pattern: re.Pattern[str], prompt: Prompt, otherwise: int) -> int:
    """A limit that the instructions state: of several the last, which a model heeds most."""
    stated = pattern.findall(prompt.instructions)
    return int(stated[-1]) if stated else otherwise


def _rank(prompt: Prompt, version: ModelVersion, draw: random.Random) -> list[tuple[float, str]]:
    """Give each sentence of the context its noisy score; best first."""
    sentences = _sentences(prompt.instructions)
    asked = frozenset(terms(prompt.question))
    weights = _weights(asked, sentences, version)
    wants_figure = bool(_ASKS_FOR_A_FIGURE.search(prompt.question.lower()))
    spread = version.noise * prompt.temperature * _ROUGHNESS[prompt.effort]
    scored = []
    for sentence in sentences:
        score = _overlap(asked, sentence, weights, version)
        if wants_figure and _FIGURE.search(sentence.text):
            score += version.number_weight * min(1.0, 2 * score)
        score += draw.gauss(0.0, spread)
        scored.append((score, sentence.text))
    return sorted(scored, reverse=True)


def _sentences(instructions: str) -> list[_Sentence]:
    sentences: list[_Sentence] = []
    title = ""
    for line in _context(instructions):
        if line.startswith("# "):
            title = line.removeprefix("# ")
        elif not is_order(line):
            sentences.append(_Sentence(line, title))
    return sentences


def _context(instructions: str) -> list[str]:
    """The lines of the context that have something in them."""
    found = _CONTEXT.search(instructions)
    lines = (line.strip() for line in found[1].splitlines()) if found else ()
    return [line for line in lines if line]


def _weights(
    asked: frozenset[str], sentences: Sequence[_Sentence], version: ModelVersion
) -> dict[str, float]:
    """How much each asked term tells: the fewer sentences hold it, the more."""
    holders = Counter(term for s in sentences for term in asked.intersection(terms(s.text)))
    return {
        term: math.log(1 + len(sentences) / max(holders[term], 0.5)) ** version.rare_term_weight
        for term in asked
    }


def _overlap(
    asked: frozenset[str],
    sentence: _Sentence,
    weights: dict[str, float],
    version: ModelVersion,
) -> float:
    said = terms(sentence.text)
    of_title = asked.intersection(terms(sentence.title)).difference(said)
    heard = sum(weights[term] for term in asked.intersection(said))
    heard += version.title_weight * sum(weights[term] for term in of_title)
    return heard / (sum(weights.values()) or 1.0) - version.length_weight * len(said)
