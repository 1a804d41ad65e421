"""The defect fabricates_stream_end: a cut answer is ended as if the provider had ended it."""

from collections.abc import AsyncIterator

from lab.assistant.attempt import AttemptError
from lab.assistant.router import Answering


class MadeWhole:
    """An answer that looks whole whatever became of it."""

    def __init__(self, answering: Answering) -> None:
        self.served_by = answering.served_by
        self.attempts = answering.attempts
        self.reading = answering.reading
        self._answering = answering

    async def texts(self) -> AsyncIterator[str]:
        try:
            async for text in self._answering.texts():
                yield text
        except AttemptError:
            self.reading.finish_reason = "stop"

    async def close(self) -> None:
        await self._answering.close()
