"""Reads an answer out of the pieces of its stream.

Model APIs send a token an event, and around it the same bytes each time. To parse all of them again
costs four times what it costs to see that they are the same.
"""

import re

from gameday.probes.answer import Answer
from gameday.probes.dialect import Dialect
from gameday.probes.events import EventReader

# Printable ASCII without quotation marks and backslashes.
_PLAIN = re.compile(rb"[ !#-\[\]-~]*").fullmatch


class StreamReader:
    """Reads one stream. A piece is what one chunk of the transfer held, or a part of one."""

    __slots__ = ("_after", "_answer", "_before", "_dialect", "_events", "_whole")

    def __init__(self, answer: Answer, dialect: Dialect) -> None:
        self._answer = answer
        self._dialect = dialect
        self._events = EventReader()
        self._whole = True  # whether no event is begun
        # Around the text of an event that was read in full; while it is there, no event is begun.
        self._before = self._after = b""

    def take(self, at: float, pieces: list[bytes]) -> None:
        """Take what was read at once, at `at`."""
        for piece in pieces:
            # An event that differs in its text alone. Between the same bytes, what stands in JSON
            # as it is can be nothing but the text of the same field.
            before, after = self._before, self._after
            if before and piece.startswith(before) and piece.endswith(after):
                found = _PLAIN(piece, len(before), len(piece) - len(after))
                if found is not None:
                    if text := found[0].decode():
                        self._answer.parts.append(text)
                        self._answer.times.append(at)
                    continue
            self._read(piece, at)

    def end(self, at: float) -> None:
        """The stream has come to its end, by its own framing."""
        for name, data in self._events.end():
            if self._dialect.take_event(self._answer, name, data):
                self._answer.times.append(at)
        self._dialect.take_end(self._answer)

    def _read(self, piece: bytes, at: float) -> None:
        was_whole, answer = self._whole, self._answer
        self._before = b""  # another event may say other things, which the next one takes back
        events = self._events.feed(piece)
        self._whole = self._events.at_rest
        for name, data in events:
            if self._dialect.take_event(answer, name, data):
                answer.times.append(at)
                if was_whole and self._whole and len(events) == 1:
                    self._learn(piece)

    def _learn(self, piece: bytes) -> None:
        """Take note of one whole event, which has just brought the answer's last part.

        Nothing is learned where the text cannot be told from another, or where the event may have
        brought a piece of a tool call, which would then be missing from the next ones.
        """
        marked = b'"%b"' % self._answer.parts[-1].encode("utf-8", "replace")
        if not self._answer.calls and b"\\" not in piece and piece.count(marked) == 1:
            before, _, after = piece.partition(marked)
            self._before, self._after = before + b'"', b'"' + after
