"""What the official clients are expected to make of each fault of the gate.

Written down before it was run, from the clients' documented mapping of statuses to exceptions,
from what their code says of streams, and from what the providers really send (the sources are in
the fault files). docs/faults.md shows this table; test_clients.py proves it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from tests.conformance.provider import PIECES, TOKENS_IN, TOKENS_OUT

DIALECTS = ("openai", "azure_openai", "anthropic")
WORDS = len(PIECES)
TOKENS = TOKENS_IN + TOKENS_OUT

OWN: Final = "own"  # the client waits as it sees fit before it asks again: 0.375 to 0.5 s at first
NEVER: Final = "never"  # it does not ask again
Wait = float | Literal["own", "never"]

_STREAM_FAULTS_AFTER = 5  # the default of after_tokens


@dataclass(frozen=True)
class Expect:
    """What one client makes of one fault. With `raises` empty it takes what came for an answer."""

    raises: str = ""  # a class of the client's own library, or package.Class
    status: int | None = None  # as the exception tells it
    said: str = ""  # the code or type by which the exception names the cause
    wait: Wait = NEVER  # before the client's own retry
    wait_may_lack_s: float = 0.0  # how much of it may have passed before the answer came
    words: int = 0  # of the provider's twenty, when it ended
    finish: str | None = None  # the finish reason that the client saw
    tokens: int | None = None  # in the usage that the client saw
    returned: str = "answer"
    refusal: bool = False  # words of refusal came, apart from the text
    other_text: bool = False  # text came that is not the provider's
    refused: bool = False  # the gate will not arm it: this provider has no such condition


@dataclass(frozen=True)
class Case:
    """One fault with one set of settings, asked one way."""

    fault: str
    stream: bool
    expect: Mapping[str, Expect]  # by dialect
    settings: Mapping[str, Any] = field(default_factory=dict)
    timeout_s: float = 20.0  # the client's own
    until_cleared: bool = False  # the call only ends once the fault is cleared
    takes_s_min: float = 0.0
    first_pass: int = 0  # so many calls pass untouched before

    @property
    def name(self) -> str:
        settings = ",".join(f"{key}={value}" for key, value in self.settings.items())
        impatient = f",timeout={self.timeout_s:g}s" if self.timeout_s < 20 else ""
        return f"{self.fault}[{settings}{impatient}]{'-stream' if self.stream else ''}"


def cases() -> Iterator[Case]:
    yield from _errors()
    yield from _limits()
    yield from _quotas()
    yield from _keys_and_prompts()
    yield from _declined()
    yield from _hollow_bodies()
    yield from _slow()
    yield from _broken_streams()
    yield from _usage()
    yield from _silent()


# --- how the table is written -------------------------------------------------------------------


def same(expect: Expect) -> dict[str, Expect]:
    return dict.fromkeys(DIALECTS, expect)


def by(openai: Expect, anthropic: Expect, azure: Expect | None = None) -> dict[str, Expect]:
    """Azure's client is OpenAI's, so it mostly does the same."""
    return {"openai": openai, "azure_openai": azure or openai, "anthropic": anthropic}


def both(
    fault: str, expect: Mapping[str, Expect], settings: Mapping[str, Any] | None = None, **more: Any
) -> Iterator[Case]:
    """A fault that answers before the provider does: a stream or not makes no difference."""
    for stream in (False, True):
        yield Case(fault, stream, expect, settings or {}, **more)


def status(raises: str, code: int, wait: Wait = NEVER, said: str = "") -> Expect:
    return Expect(raises=raises, status=code, wait=wait, said=said)


WHOLE = Expect(words=WORDS, finish="stop", tokens=TOKENS)
WHOLE_ANTHROPIC = replace(WHOLE, finish="end_turn")
UNTOUCHED = by(WHOLE, WHOLE_ANTHROPIC)
NOTHING = Expect()  # an answer without a word in it, and nothing raised
REFUSED = Expect(refused=True)
NO_JSON = Expect(raises="json.JSONDecodeError")


# --- the table ----------------------------------------------------------------------------------


def _errors() -> Iterator[Case]:
    server = status("InternalServerError", 500, OWN)
    yield from both("http_error", same(server), {"status": 500})
    yield from both(
        "http_error",
        by(
            status("InternalServerError", 503, OWN, "server_is_overloaded"),
            status("ServiceUnavailableError", 503, OWN, "overloaded_error"),
            status("InternalServerError", 503, OWN),
        ),
        {"status": 503},
    )
    yield from both(
        "http_error",
        by(
            status("InternalServerError", 529, OWN),
            status("OverloadedError", 529, OWN, "overloaded_error"),
        ),
        {"status": 529},
    )
    page = {"status": 502, "body": "html", "retry_after": "3s"}
    yield from both("http_error", same(status("InternalServerError", 502, 3.0)), page)
    gateway = by(status("InternalServerError", 504, OWN), status("GatewayTimeoutError", 504, OWN))
    yield from both("http_error", gateway, {"status": 504, "body": "empty"})


def _limits() -> Iterator[Case]:
    openai, anthropic = "rate_limit_exceeded", "rate_limit_error"

    def limited(wait: Wait, anthropic_wait: Wait | None = None) -> dict[str, Expect]:
        other = wait if anthropic_wait is None else anthropic_wait
        return by(
            status("RateLimitError", 429, wait, openai),
            status("RateLimitError", 429, other, anthropic),
            status("RateLimitError", 429, wait, "429"),
        )

    yield from both("rate_limit", limited(20.0))
    yield from both("rate_limit", limited(0.1), {"retry_after": "100ms"})
    yield from both("rate_limit", limited(1.5), {"retry_after": "1500ms", "style": "milliseconds"})
    # Beyond two minutes OpenAI's client does not wait and does not ask again; Anthropic's does
    # as it is told, whatever that is.
    yield from both("rate_limit", limited(NEVER, 86_400.0), {"retry_after": "24h"})
    yield from both("rate_limit", limited(OWN), {"style": "body"})
    yield from both("rate_limit", limited(OWN), {"style": "absent"})
    yield from both("rate_limit", limited(20.0), {"limit": "tpm"})
    ramp = by(
        status("RateLimitError", 429, 20.0, "slow_down"),
        status("RampLimitExceededError", 429, 20.0, anthropic),
        REFUSED,
    )
    yield from both("rate_limit", ramp, {"limit": "ramp"})


def _quotas() -> Iterator[Case]:
    quota = "RateLimitError"
    yield from both(
        "quota_exhausted",
        by(
            status(quota, 429, OWN, "credit_balance_exhausted"),
            status("BadRequestError", 400, NEVER, "invalid_request_error"),
            REFUSED,
        ),
        {"reason": "credit"},
    )
    yield from both(
        "quota_exhausted",
        by(
            status(quota, 429, OWN, "organization_spend_limit_exceeded"),
            status("EnforcedSpendLimitReachedError", 429, OWN, "rate_limit_error"),
            REFUSED,
        ),
        {"reason": "spend_cap"},
    )
    yield from both(
        "quota_exhausted",
        by(
            status(quota, 429, OWN, "organization_usage_limit_exceeded"),
            status("BadRequestError", 400, NEVER, "invalid_request_error"),
            REFUSED,
        ),
        {"reason": "usage_limit"},
    )
    per_day = by(
        status(quota, 429, NEVER, "rate_limit_exceeded"), REFUSED, status(quota, 429, NEVER, "429")
    )
    yield from both("quota_exhausted", per_day, {"reason": "per_day"})
    denied = by(
        status(quota, 429, OWN, "rate_limit_exceeded"),
        status(quota, 429, OWN, "rate_limit_error"),
        status(quota, 429, OWN, "429"),
    )
    # No request fits into this bucket, so none is told when to come again.
    yield from both("quota_bucket", denied, {"tokens_per_min": 6})
    # Into this one fits one, and the next after ten seconds.
    in_time = {
        name: replace(expect, wait=10.0, wait_may_lack_s=9.0) for name, expect in denied.items()
    }
    small = {"requests_per_min": 6, "burst": "10s"}
    yield from both("quota_bucket", in_time, small, first_pass=1)


def _keys_and_prompts() -> Iterator[Case]:
    key, permission = "AuthenticationError", "PermissionDeniedError"
    yield from both(
        "auth_revoked",
        by(
            status(key, 401, said="invalid_api_key"),
            status(key, 401, said="authentication_error"),
            status(key, 401, said="401"),
        ),
    )
    yield from both("auth_revoked", same(status(permission, 403)), {"status": 403})
    yield from both("auth_masks_outage", same(status(key, 401)))
    yield from both(
        "model_retired",
        by(
            status("NotFoundError", 404, said="model_not_found"),
            status("NotFoundError", 404, said="not_found_error"),
            status("NotFoundError", 404, said="DeploymentNotFound"),
        ),
    )
    overlong = status("BadRequestError", 400, said="context_length_exceeded")
    bad = status("BadRequestError", 400, said="invalid_request_error")
    yield from both("context_overflow", by(overlong, bad))
    filtered = status("BadRequestError", 400, said="content_filter")
    yield from both("content_filter", by(replace(filtered, said="invalid_prompt"), bad, filtered))


def _declined() -> Iterator[Case]:
    filtered = Expect(finish="content_filter", other_text=True)
    refused = Expect(finish="refusal", other_text=True)
    yield from both("content_filter", by(filtered, refused), {"where": "answer"})
    yield from both("refusal", by(Expect(finish="stop", refusal=True), refused))


def _hollow_bodies() -> Iterator[Case]:
    # A stream reader looks for lines that begin with `data:`. In a JSON body or a page there is
    # none, so it comes to the end of an answer without a word, and nobody is told.
    for fault, whole in (
        ("body_malformed", NO_JSON),
        ("body_empty", NO_JSON),
        ("html_in_200", Expect(returned="text")),
        ("error_in_200", Expect(returned="no choices")),
    ):
        yield Case(fault, False, same(whole))
        yield Case(fault, True, same(NOTHING))
    yield Case("body_malformed", False, same(NO_JSON), {"how": "wrong_inside"})
    yield Case("empty_choices", False, same(Expect(returned="no choices")))
    yield Case("empty_choices", True, by(NOTHING, Expect(finish="end_turn")))
    cut_off = Expect(raises="APIConnectionError", wait=OWN)
    yield Case("body_truncated", False, same(cut_off))
    yield Case("body_truncated", False, same(NO_JSON), {"how": "clean"})
    yield Case("body_truncated", True, _broken("httpx2.RemoteProtocolError"))
    yield Case("body_truncated", True, same(Expect(words=5)), {"how": "clean"})


def _slow() -> Iterator[Case]:
    held = {"latency_ms": 4000, "before": "headers"}
    too_late = same(Expect(raises="APITimeoutError", wait=OWN))
    yield from both("slow_first_token", too_late, held, timeout_s=0.5)
    # After the head a timeout is no longer one of the request: no retry, and with Anthropic's
    # client not even its own exception.
    late = {"latency_ms": 4000, "before": "content"}
    yield Case("slow_first_token", False, too_late, late, timeout_s=0.5)
    yield Case(
        "slow_first_token",
        True,
        by(Expect(raises="APITimeoutError"), Expect(raises="httpx2.ReadTimeout")),
        late,
        timeout_s=1.0,  # the head must be in time, also on a busy machine
    )
    patient = {"latency_ms": 300}
    yield from both("slow_first_token", UNTOUCHED, patient, takes_s_min=0.3)
    # Longer than the timeout in all: it runs between two reads, so it never ends this.
    yield Case(
        "slow_tokens", True, UNTOUCHED, {"gap_ms": 120}, timeout_s=2.0, takes_s_min=19 * 0.12
    )


def _broken_streams() -> Iterator[Case]:
    yield Case("stream_cut", True, _broken("httpx2.ReadError"), {"how": "rst"})
    yield Case("stream_cut", True, _broken("httpx2.RemoteProtocolError"), {"how": "fin"})
    yield Case("stream_cut", True, same(Expect(words=_STREAM_FAULTS_AFTER)), {"how": "clean"})
    yield Case(
        "stream_cut",
        True,
        _broken("httpx2.RemoteProtocolError", words=0),
        {"how": "fin", "after_tokens": 0},
    )
    silent = by(
        Expect(raises="APITimeoutError", words=5), Expect(raises="httpx2.ReadTimeout", words=5)
    )
    yield Case("stream_stall", True, silent, timeout_s=1.0)
    alive = {"keep_alive": "100ms"}
    yield Case("stream_stall", True, UNTOUCHED, alive, timeout_s=1.0, until_cleared=True)
    # The status was 200, so neither client has a class for it, and neither tries again.
    for settings in (
        {"condition": "overloaded"},
        {"condition": "server_error"},
        {"condition": "overloaded", "then": "go_on"},
    ):
        raised = by(
            Expect(raises="APIError", words=5), Expect(raises="APIStatusError", status=200, words=5)
        )
        yield Case("stream_error_event", True, raised, settings)
    yield Case("stream_bad_event", True, same(replace(NO_JSON, words=5)))


def _broken(raw: str, words: int = _STREAM_FAULTS_AFTER) -> dict[str, Expect]:
    """OpenAI's client wraps what its transport raises in mid-stream, Anthropic's does not."""
    return by(Expect(raises="APIConnectionError", words=words), Expect(raises=raw, words=words))


def _usage() -> Iterator[Case]:
    more = by(replace(WHOLE, tokens=3 * TOKENS), replace(WHOLE_ANTHROPIC, tokens=3 * TOKENS))
    yield from both("usage_inflated", more, {"factor": 3})


def _silent() -> Iterator[Case]:
    # No client has anything to go by: a good status, a whole answer, a proper end.
    swap = {"to_model": "heron-2"}
    yield from both("model_swap", UNTOUCHED, {**swap, "reported": "changed"})
    yield from both("model_swap", UNTOUCHED, {**swap, "reported": "same"}, first_pass=1)
    yield from both("model_degraded", UNTOUCHED, {"temperature": 1.5})
    garbled = replace(WHOLE, words=0, other_text=True)
    yield from both("corrupt_tokens", by(garbled, replace(garbled, finish="end_turn")))
    yield from both("price_change", UNTOUCHED, {"cost_factor": 2})
