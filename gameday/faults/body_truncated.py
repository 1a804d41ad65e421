"""The fault `body_truncated`: an answer stops in the middle of its JSON."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from gameday.domain.wire import End, Ending, Event, Hit, Send, Steps
from gameday.faults._gate import Edits
from gameday.faults._streams import StreamFault


class BodyTruncated(StreamFault):
    """Keep only the first part of an answer, and break off inside its JSON.

    On the wire: of an unstreamed body the first `kept` of its bytes; of a streamed answer what
    comes before the content event after `after_tokens`, and the first `kept` of that event. Then
    `fin` closes the connection although more was announced; `clean` ends the body properly.

    In reports: attempts that were malformed or reset, answers that were cut, or answers that
    ended well and much too soon. A stream reader drops an unfinished event without a word.

    Source: chatchat-space/Langchain-Chatchat#4383: "incomplete chunked read"; bolna-ai/bolna#464:
    answers cut at 64 KB, inside their JSON. Portkey 1.15 answered 500 without a fallback, LiteLLM
    1.106 tried three times, then fell back (both measured).
    """

    edits: ClassVar[Edits] = Edits.BOTH
    legend: ClassVar[str] = "answers truncated"

    kept: Annotated[float, Field(gt=0, lt=1, examples=[0.5])] = 0.5
    how: Literal["fin", "clean"] = "fin"

    def strike(self, hit: Hit, event: Event) -> Steps:  # noqa: ARG002 - the contract
        return self._truncated(event.raw)

    def on_body(self, hit: Hit, body: bytes) -> Steps:  # noqa: ARG002 - the contract
        return self._truncated(body) if body else (Send(body),)

    def _truncated(self, whole: bytes) -> Steps:
        return (Send(whole[: max(1, int(len(whole) * self.kept))]), End(Ending(self.how)))
