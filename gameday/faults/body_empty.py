"""The fault `body_empty`: a good status, and no body."""

from typing import ClassVar

from gameday.domain.wire import Answer, Hit
from gameday.faults._answers import JSON, HollowFault


class BodyEmpty(HollowFault):
    """Answer 200 with a body of no bytes.

    On the wire: status 200, the content type that was asked for, and content-length 0, or a
    stream that ends before its first event.

    In reports: attempts that are malformed, or answers without content where the front door
    takes them for good.

    Source: measured with LiteLLM 1.106.2 and Portkey 1.15.2: the one retries, the other passes
    a 500 on to the client without trying its fallback.
    """

    legend: ClassVar[str] = "empty bodies"

    def instead(self, hit: Hit) -> Answer:
        if hit.dialect.wants_stream(hit.request):
            return Answer(200, (("content-type", "text/event-stream; charset=utf-8"),), b"")
        return Answer(200, (JSON,), b"")
