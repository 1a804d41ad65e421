"""Scores an answer by the fenced code that it must hold."""

import re
from typing import Annotated

from pydantic import Field

from gameday.domain.scorer import TextScorer
from gameday.scorers._json import NO_JSON, parse

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]*([^\s`]*)[^\n`]*$", re.MULTILINE)


class CodeBlock(TextScorer):
    """The answer holds fenced blocks of code, closed, of one language.

    `alone`: and nothing beside one. Code of the language `json` must be JSON. Source: CommonMark's
    fenced code blocks.
    """

    language: str = ""  # as it stands after the fence; '' for any
    blocks_min: Annotated[int, Field(ge=1)] = 1
    alone: bool = False

    def score_text(self, text: str) -> float:
        found = _fenced(text)
        if found is None:
            return 0.0
        fitting = [code for named, code in found if not self.language or named == self.language]
        if self.language == "json" and any(parse(code) is NO_JSON for code in fitting):
            return 0.0
        if self.alone and (len(found) != 1 or not _is_only_a_block(text)):
            return 0.0
        return float(len(fitting) >= self.blocks_min)


def _fenced(text: str) -> list[tuple[str, str]] | None:
    """Language and code of each block; None where the last one is never closed."""
    found = []
    place = 0
    while opening := _FENCE.search(text, place):
        fence = opening[1]
        closing = re.compile(rf"^ {{0,3}}{fence[0]}{{{len(fence)},}}[ \t]*$", re.MULTILINE)
        end = closing.search(text, opening.end())
        if end is None:
            return None
        found.append((opening[2], text[opening.end() : end.start()].strip("\n")))
        place = end.end()
    return found


def _is_only_a_block(text: str) -> bool:
    bare = text.strip()
    return bare[:3] in {"```", "~~~"} and bare[-3:] in {"```", "~~~"}
