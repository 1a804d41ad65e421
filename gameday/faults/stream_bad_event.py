"""The fault `stream_bad_event`: one event of a stream is no JSON."""

from typing import ClassVar

from gameday.domain.wire import Event, Hit, Send, Steps
from gameday.faults._streams import StreamFault, with_data


class StreamBadEvent(StreamFault):
    """Put one event of broken JSON into a streamed answer.

    On the wire: the first half of a content event's JSON stands as an event of its own, with the
    same event name; then that event comes again, whole, and the rest of the answer flows.

    In reports: attempts that were malformed, answers that were cut, or answers that ended well
    and much too soon. A system that skips such an event and goes on does not feel it.

    Source: zai-org/GLM-5#66 and anomalyco/opencode#25858: chunks broken off in the middle of
    their JSON; SamSaffron/term-llm#448: such a chunk read as the end of a good answer. LiteLLM
    1.106 ended the request there, Portkey 1.15 passed it on (both measured).
    """

    legend: ClassVar[str] = "broken events in streams"

    def strike(self, hit: Hit, event: Event) -> Steps:  # noqa: ARG002 - the contract
        return (Send(with_data(event, _first_half(event.data))), Send(event.raw))


def _first_half(data: bytes) -> bytes:
    """Never the middle of a character: what is broken is the JSON, not its encoding."""
    return data[: len(data) // 2].decode(errors="ignore").encode()
