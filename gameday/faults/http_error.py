"""The fault `http_error`: the provider answers with an error status."""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from gameday.domain.quantities import Seconds
from gameday.domain.wire import Answer, Condition, Hit, RetryAfter, RetryStyle
from gameday.faults._answers import HTML, Wait, edge_page
from gameday.faults._gate import GateFault

_PLAIN = ("content-type", "text/plain; charset=utf-8")
_SAID = {
    401: Condition.KEY_REVOKED,
    403: Condition.PERMISSION,
    404: Condition.MODEL_RETIRED,
    429: Condition.REQUESTS_PER_MINUTE,
    503: Condition.OVERLOADED,
    529: Condition.OVERLOADED,
}


class HttpError(GateFault):
    """Answer requests with an error status in the provider's place.

    On the wire: the status, and as body what the provider's dialect says for it (json), a page
    of a network edge (html), or nothing (empty). `retry_after` adds when to come again, in the
    form of `style`; `after` holds each request so long before it is answered.

    In reports: attempts with the outcome http_error at that provider.

    Source: 503 server_is_overloaded and 529 overloaded_error in Microsoft's Dev Proxy samples
    "OpenAI rate limit reached" and "anthropic-529"; HTML in front of APIs in the Cloudflare
    outage of 2025-11-18; 25 % of calls failing for hours at OpenAI on 2025-06-10 (straced.com).
    """

    legend: ClassVar[str] = "error answers"

    status: Annotated[int, Field(ge=400, le=599, examples=[503])] = 503
    body: Literal["json", "html", "empty"] = "json"
    retry_after: Wait | None = None
    style: RetryStyle = RetryStyle.HEADER
    after: Seconds | None = None

    def conditions(self) -> tuple[Condition, ...]:
        return (_condition(self.status),) if self.body == "json" else ()

    def instead(self, hit: Hit) -> Answer:
        return replace(self._answer(hit), after_s=self.after or 0.0)

    def _answer(self, hit: Hit) -> Answer:
        retry = RetryAfter(self.retry_after, self.style) if self.retry_after else None
        if self.body == "json":
            said = hit.dialect.failure(_condition(self.status), hit.request, retry=retry)
            return replace(said, status=self.status)
        headers = retry.headers() if retry else ()
        if self.body == "empty":
            return Answer(self.status, (_PLAIN, *headers), b"")
        wait = f" Try again in {self.retry_after:g} s." if self._tells_wait() else ""
        page = edge_page(_title(self.status), f"The origin is not well.{wait}", hit.request)
        return Answer(self.status, (HTML, *headers), page)

    def _tells_wait(self) -> bool:
        return self.retry_after is not None and self.style is not RetryStyle.ABSENT


def _condition(status: int) -> Condition:
    default = Condition.SERVER_ERROR if status >= 500 else Condition.INVALID_REQUEST
    return _SAID.get(status, default)


def _title(status: int) -> str:
    """`503 Service Unavailable`; the statuses that HTTP does not know have no words."""
    named = {known.value: known.phrase for known in HTTPStatus}
    return f"{status} {named.get(status, 'Error')}"
