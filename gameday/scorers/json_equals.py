"""Scores an answer by one JSON document that it must be."""

from typing import Any

from gameday.domain.scorer import TextScorer
from gameday.scorers._json import NO_JSON, parse, same


class JsonEquals(TextScorer):
    """The answer is JSON, and equal to one document, whatever the order of its keys."""

    document: Any

    def score_text(self, text: str) -> float:
        found = parse(text)
        return float(found is not NO_JSON and same(found, self.document))
