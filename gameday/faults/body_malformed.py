"""The fault `body_malformed`: a good status, and a body that is no JSON."""

from dataclasses import replace
from typing import ClassVar, Literal

from gameday.domain.wire import Answer, Finish, Hit
from gameday.faults._answers import JSON, HollowFault, unstreamed

_TEXT = "The answer to that question is in the handbook."


class BodyMalformed(HollowFault):
    """Answer 200 with a body that is almost JSON.

    On the wire: status 200, content-type application/json, and an answer of the dialect that
    breaks off in its middle (`how: broken_off`; its content-length fits what is there) or has a
    wrong character in it (`how: wrong_inside`). A request for a stream gets it too; events of a
    stream that are no JSON are stream_bad_event's business.

    In reports: attempts that are malformed, or answers without content.

    Source: measured with LiteLLM 1.106.2 (falls back) and Portkey 1.15.2 (500 to the client,
    the fallback is not tried).
    """

    legend: ClassVar[str] = "malformed bodies"

    how: Literal["broken_off", "wrong_inside"] = "broken_off"

    def instead(self, hit: Hit) -> Answer | None:
        if not hit.dialect.asks_for_text(hit.request):
            return None
        whole = hit.dialect.completion(unstreamed(hit.request), _TEXT, Finish.STOP)
        if self.how == "broken_off":
            body = whole.body[: len(whole.body) // 2]
        else:
            body = whole.body.replace(b":", b"=", 1)
        others = (header for header in whole.headers if header[0] != JSON[0])
        return replace(whole, headers=(JSON, *others), body=body)
