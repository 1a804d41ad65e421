"""Reads an answer out of the pieces of its stream.

Model APIs send a token an event, and around it the same bytes each time. To parse all of them again
costs four times what it costs to see that they are the same.
"""

from gameday.probes.answer import Answer
from gameday.probes.dialect import Dialect
from gameday.probes.events import EventReader


class StreamReader:
    """Reads one stream. A piece is what one chunk of the transfer held, or a part of one."""

    __slots__ = ("_after", "_answer", "_before", "_dialect", "_events", "_whole")

    def __init__(self, answer: Answer, dialect: Dialect) -> None:
        self._answer = answer
        self._dialect = dialect
        self._events = EventReader()
        self._whole = True  # whether no event is begun
        self._before = self._after = b""  # around the text of an event that was read in full

    def feed(self, piece: bytes, at: float) -> None:
        """Take a piece that was read at `at`."""
        text = self._text_of(piece) if self._before and self._whole else None
        if text is None:
            self._read(piece, at)
        elif self._answer.add(text):
            self._answer.see_content(at)

    def end(self, at: float) -> None:
        """The stream has come to its end, by its own framing."""
        for name, data in self._events.end():
            if self._dialect.take_event(self._answer, name, data):
                self._answer.see_content(at)
        self._dialect.take_end(self._answer)

    def _read(self, piece: bytes, at: float) -> None:
        was_whole, answer = self._whole, self._answer
        self._before = b""  # another event may say other things, which the next one takes back
        events = self._events.feed(piece)
        self._whole = self._events.at_rest
        for name, data in events:
            if self._dialect.take_event(answer, name, data):
                answer.see_content(at)
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

    def _text_of(self, piece: bytes) -> str | None:
        """The text of an event that differs in its text alone; None where it must be read.

        Printable ASCII without quotation marks and backslashes stands in JSON as it is. Between
        the same bytes it can be nothing but the same field.
        """
        before, after = self._before, self._after
        if not piece.startswith(before) or not piece.endswith(after):
            return None
        raw = piece[len(before) : len(piece) - len(after)]
        if not raw.isascii() or b'"' in raw or b"\\" in raw:
            return None
        text = raw.decode()
        return text if text.isprintable() and len(piece) >= len(before) + len(after) else None
