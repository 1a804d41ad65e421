"""The Azure OpenAI dialect: OpenAI's, with the deployment in the path and errors of Azure's own."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from gameday.domain.wire import Allowance, Condition, Finish, Onward, RetryAfter, WireRequest
from gameday.gate.dialects._writing import Saying
from gameday.gate.dialects.openai import OpenAI

_DEPLOYMENT = re.compile(r"/openai/deployments/([^/]+)/")
_REGION = "Gameday"  # no region of Azure's, so that nobody goes looking there
_OVER_LIMIT = (
    "Requests to the ChatCompletions_Create Operation have exceeded {limit} of your current "
    "pricing tier."
)


def _verdicts(filtered: str) -> dict[str, Any]:
    """What the content filter found in each category; it filters for the one that is named."""
    graded: dict[str, Any] = {
        category: {
            "filtered": category == filtered,
            "severity": "high" if category == filtered else "safe",
        }
        for category in ("hate", "self_harm", "sexual", "violence")
    }
    return {**graded, "jailbreak": {"filtered": False, "detected": False}}


_SAYINGS: Mapping[Condition, Saying] = {
    Condition.REQUESTS_PER_MINUTE: Saying(
        429,
        None,
        "429",
        _OVER_LIMIT.format(limit="call rate limit"),
        limits=True,
        bare=True,
    ),
    Condition.TOKENS_PER_MINUTE: Saying(
        429,
        None,
        "429",
        _OVER_LIMIT.format(limit="token rate limit"),
        limits=True,
        bare=True,
    ),
    Condition.PER_DAY: Saying(
        429,
        None,
        "429",
        _OVER_LIMIT.format(limit="token rate limit"),
        own_retry=RetryAfter(86_400.0),
        bare=True,
    ),
    Condition.OVERLOADED: Saying(
        429,
        None,
        "429",
        "The system is currently experiencing high demand and cannot process your request.",
        bare=True,
    ),
    Condition.SERVER_ERROR: Saying(
        500, "server_error", None, "The server had an error while processing your request."
    ),
    Condition.INVALID_REQUEST: Saying(
        400, "invalid_request_error", None, "The request could not be understood."
    ),
    Condition.KEY_REVOKED: Saying(
        401,
        None,
        "401",
        "Access denied due to invalid subscription key or wrong API endpoint.",
        bare=True,
    ),
    Condition.PERMISSION: Saying(
        403,
        None,
        "AccessDenied",
        "Access denied due to Virtual Network/Firewall rules.",
        bare=True,
    ),
    Condition.UNKNOWN_USER: Saying(
        401,
        None,
        "PermissionDenied",
        "Principal does not have access to API/Operation.",
        bare=True,
    ),
    Condition.MODEL_RETIRED: Saying(
        404,
        None,
        "DeploymentNotFound",
        "The API deployment for this resource does not exist.",
        bare=True,
    ),
    Condition.CONTEXT_OVERFLOW: Saying(
        400,
        "invalid_request_error",
        "context_length_exceeded",
        "This model's maximum context length is {context} tokens. However, your messages "
        "resulted in {overlong} tokens.",
        param="messages",
    ),
    Condition.PROMPT_FILTERED: Saying(
        400,
        None,
        "content_filter",
        "The response was filtered: the prompt triggered the content management policy.",
        param="prompt",
        more={
            "status": 400,
            "innererror": {
                "code": "ResponsibleAIPolicyViolation",
                "content_filter_result": _verdicts("violence"),
            },
        },
    ),
}


class AzureOpenAI(OpenAI):
    """Azure OpenAI. It knows no prepaid credit, spend cap, usage limit or limit to the ramp."""

    name = "azure_openai"

    _sayings: ClassVar[Mapping[Condition, Saying]] = _SAYINGS
    _wait_sentence: ClassVar[str] = "Please retry after {wait} seconds."

    def model(self, request: WireRequest) -> str:
        """The deployment in the path; the newer paths without one have it in the body."""
        in_path = _DEPLOYMENT.search(request.path)
        return in_path[1] if in_path else super().model(request)

    def of_model(self, request: WireRequest, model: str) -> Onward:
        """The deployment stands in the path, where there is one; who routes reads no further."""
        place = f"/openai/deployments/{quote(model, safe='')}/"
        path, replaced = _DEPLOYMENT.subn(lambda _: place, request.path, count=1)
        if not replaced:
            return super().of_model(request, model)
        return Onward(path, request.body)

    def show_key(self, key: str) -> tuple[str, str]:
        return "api-key", key

    def allowance_headers(self, allowance: Allowance) -> tuple[tuple[str, str], ...]:
        headers: list[tuple[str, str]] = []
        for kind, there_is, left in allowance.limits():
            headers += [
                (f"x-ratelimit-limit-{kind}", str(there_is)),
                (f"x-ratelimit-remaining-{kind}", str(left)),
                # Plain seconds, unlike OpenAI's durations.
                (f"x-ratelimit-reset-{kind}", str(math.ceil(allowance.resets_in_s))),
            ]
        return tuple(headers)

    def _headers(self, request: WireRequest, content_type: str) -> tuple[tuple[str, str], ...]:
        return (
            ("content-type", content_type),
            ("apim-request-id", request.id),
            ("x-request-id", request.id),
            ("x-ms-region", _REGION),
        )

    def _envelope(self, request: WireRequest, kind: str) -> dict[str, Any]:
        envelope = super()._envelope(request, kind)
        if kind == "chat.completion":
            envelope["prompt_filter_results"] = _prompt_results()
        return envelope

    def _choices(self, text: str, finish: Finish) -> list[dict[str, Any]]:
        found = _verdicts("violence" if finish is Finish.CONTENT_FILTER else "")
        return [
            {**choice, "content_filter_results": found} for choice in super()._choices(text, finish)
        ]

    def _chunk_choice(self, delta: dict[str, Any], reason: str | None) -> dict[str, Any]:
        choice = super()._chunk_choice(delta, reason)
        if reason == "content_filter":
            found = _verdicts("violence")
        else:
            found = _verdicts("") if delta.get("content") else {}
        return {**choice, "content_filter_results": found}

    def _documents(
        self, request: WireRequest, text: str, finish: Finish
    ) -> Iterator[dict[str, Any]]:
        """Azure's streams begin with what the filter thinks of the prompt, and no choice."""
        envelope = self._envelope(request, "chat.completion.chunk")
        yield {**envelope, "choices": [], "prompt_filter_results": _prompt_results()}
        yield from super()._documents(request, text, finish)


def _prompt_results() -> list[dict[str, Any]]:
    return [{"prompt_index": 0, "content_filter_results": _verdicts("")}]
