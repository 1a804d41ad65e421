"""Scores an answer by one text that it must be."""

from gameday.domain.scorer import Scorer


class Exact(Scorer):
    """The answer is exactly one text, but for white space around it."""

    text: str

    def score(self, answer: str) -> float:
        return float(answer.strip() == self.text.strip())
