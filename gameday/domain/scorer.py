"""The contract of a scorer. One file in gameday/scorers/ holds one subclass."""

from abc import ABC, abstractmethod

from gameday.domain.value import Value


class Scorer(Value, ABC):
    """Scores one answer of one case. Its settings are its fields; its kind is its file name."""

    @abstractmethod
    def score(self, answer: str) -> float:
        """0.0 (wrong) to 1.0 (right)."""
