"""The fault `stream_cut`: the connection ends before the answer does."""

from typing import ClassVar

from gameday.domain.wire import End, Ending, Event, Hit, Steps
from gameday.faults._streams import StreamFault


class StreamCut(StreamFault):
    """End a streamed answer after so many content events.

    On the wire: `rst` resets the connection; `fin` closes it in the middle of a chunked body;
    `clean` ends the body properly, but without a finish reason and without the end mark of the
    dialect ([DONE], message_stop). With after_tokens 0 the opening events pass and no content.

    In reports: attempts or answers that were cut, or answers that ended well and much too soon:
    a gateway may turn a clean end into a finish reason of its own. Judge by content, not status.

    Source: LiteLLM 1.106 made up `finish_reason: stop` and [DONE] after a clean end at 5 of 19
    words, Portkey 1.15 made a clean end of a reset (both measured);
    griffinwork40/agent-afk#635: Anthropic's client raises nothing when a stream ends before
    message_stop; can1357/oh-my-pi#9433: no finish reason; BerriAI/litellm#40404: no fallback
    after content.
    """

    legend: ClassVar[str] = "streams cut"

    how: Ending = Ending.RST

    def strike(self, hit: Hit, event: Event) -> Steps:  # noqa: ARG002 - the contract
        return (End(self.how),)
