"""The prompt that a label stands for, as fresh as the assistant's cache lets it be."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from lab.prompt import LABELS, PromptError, PromptTemplate, read_label


class PromptLabel:
    """Resolves one label for each request. Without a cache a switch counts at once.

    With one, it is stale while revalidating, as clients of prompt stores do it: when its time is
    over, one more request gets the old version while the new one is fetched.
    """

    def __init__(
        self,
        content: Path,
        label: str,
        cache_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """content: the folder that has prompts/. Raises PromptError."""
        self._content = content
        self._label = label
        self._cache_s = cache_s
        self._clock = clock
        self._known = read_label(label, content)
        self._marks = self._now_marked()
        self._fetched_s = clock()

    def current(self) -> PromptTemplate:
        stale, now_s = self._known, self._clock()
        if now_s >= self._fetched_s + self._cache_s:
            self._fetched_s = now_s
            self._fetch()
        return stale if self._cache_s else self._known

    def _fetch(self) -> None:
        """Read it, where its files are others than those that were read; keep it if they are bad.

        A client that cannot fetch a prompt goes on with the one that it has.
        """
        marks = self._now_marked()
        if marks == self._marks:
            return
        try:
            self._known = read_label(self._label, self._content)
            self._marks = self._now_marked()
        except PromptError as error:
            self._marks = marks
            sys.stderr.write(f"{error}; {self._known.version} stays\n")

    def _now_marked(self) -> tuple[object, ...]:
        prompt = self._content / "prompts" / f"{self._known.version}.txt"
        return tuple(_mark(file) for file in (self._content / LABELS, prompt))


def _mark(file: Path) -> tuple[int, int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
