"""The fault `stream_error_event`: the provider reports an error inside a stream with status 200."""

from typing import ClassVar, Literal

from gameday.domain.wire import Condition, End, Ending, Event, Hit, Send, Steps
from gameday.faults._streams import StreamFault


class StreamErrorEvent(StreamFault):
    """Put the provider's error event into a streamed answer that began with a 200.

    On the wire: after so many content events comes the dialect's error event: `event: error`
    (Anthropic), or a chunk whose one key is `error` (OpenAI, Azure). Then the body ends properly
    without finish reason and end mark, or, with `then: go_on`, the rest of the answer follows.

    In reports: attempts or answers that were cut, or answers that ended well and much too soon.
    Clients raise here, but their own retries do not apply: the status was 200.

    Source: anthropics/anthropic-sdk-python#688: max_retries does not apply to an overloaded
    stream; envoyproxy/ai-gateway#2698 (Anthropic); sashabaranov/go-openai#396 (OpenAI).
    """

    legend: ClassVar[str] = "errors inside streams"

    condition: Literal["overloaded", "server_error"] = "overloaded"
    then: Literal["end", "go_on"] = "end"

    def conditions(self) -> tuple[Condition, ...]:
        return (Condition(self.condition),)

    def strike(self, hit: Hit, event: Event) -> Steps:
        error = Send(hit.dialect.error_event(Condition(self.condition), hit.request))
        return (error, Send(event.raw) if self.then == "go_on" else End(Ending.CLEAN))
