"""Takes secrets and personal marks out of text before it is stored.

Secrets by their value (whatever this process was given as one), then what the operator's own
rules know, then the rules for everybody.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from gameday.domain import redaction
from gameday.domain.evidence import OwnRule
from gameday.supervisor.secrets import hide

_KNOWN_MAX = 4096
T = TypeVar("T")


class Redactor:
    """With the rules of one target.

    again: as `text`, of a text that comes again and again; a load asks thousands of times a second.
    name: the same of what something is called by others: a model, a version, a provider. Two
    names stay two: what is left is followed by 16 bits of a digest, which tell nothing.
    """

    def __init__(self, own: Sequence[OwnRule] = ()) -> None:
        self._own = [(re.compile(rule.pattern), f"[{rule.name}]") for rule in own]
        self.again: Callable[[str], str] = _Remembered(self.text).__getitem__
        self.name: Callable[[str | None], str | None] = _Remembered(self._named).__getitem__

    def text(self, text: str) -> str:
        return redaction.redact(self._by_own(text))

    def document(self, value: Any) -> Any:
        """A JSON value that the rules for everybody have seen already, after the operator's own.

        Its keys stay. Those for everybody would take an id of digits alone for a number.
        """
        if isinstance(value, str):
            return self._by_own(value)
        if isinstance(value, list | tuple):
            return [self.document(one) for one in value]
        if isinstance(value, dict):
            return {key: self.document(one) for key, one in value.items()}
        return value

    def _by_own(self, text: str) -> str:
        text = hide(text)
        for pattern, name in self._own:
            text = pattern.sub(name, text)
        return text

    def _named(self, text: str | None) -> str | None:
        if not text:
            return text
        left = self.text(text)
        return left if left == text else f"{left}~{hashlib.sha256(text.encode()).hexdigest()[:4]}"


class _Remembered(dict[T, T]):
    """What was made of each text; those of a server that never says the same are forgotten."""

    def __init__(self, make: Callable[[T], T]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, text: T) -> T:
        if len(self) >= _KNOWN_MAX:
            self.clear()
        made = self[text] = self._make(text)
        return made


USUAL = Redactor()


def redact(text: str) -> str:
    """`text` as the rules for everybody leave it."""
    return USUAL.text(text)
