"""The fault `error_in_200`: a good status, and an error as body."""

from dataclasses import replace
from typing import ClassVar

from gameday.domain.wire import Answer, Condition, Hit
from gameday.faults._answers import HollowFault


class ErrorIn200(HollowFault):
    """Answer 200 with the provider's error object as body.

    On the wire: status 200, content-type application/json, and the dialect's error for a
    failure of the provider's own; also where a stream was asked for.

    In reports: attempts that are malformed, or answers without content.

    Source: measured with LiteLLM 1.106.2 (a streaming client gets an empty answer that ends with
    stop and [DONE]) and Portkey 1.15.2 (passed through as 200).
    """

    legend: ClassVar[str] = "errors with status 200"

    def conditions(self) -> tuple[Condition, ...]:
        return (Condition.SERVER_ERROR,)

    def instead(self, hit: Hit) -> Answer:
        return replace(hit.dialect.failure(Condition.SERVER_ERROR, hit.request), status=200)
