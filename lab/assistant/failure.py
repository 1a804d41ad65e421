"""Why a provider did not answer, as far as it tells: what that means for the next attempt."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from lab.assistant.retry_after import read_retry_after_s

_BAD_REQUEST = 400
_TOO_MANY = 429
_NO_RETRY_HELPS = {401, 402, 403, 404}
_QUOTA_WORDS = ("quota", "credit", "spend", "billing", "usage_limit", "per_day")
# Anthropic says these two in a 400, and in its sentence alone.
_QUOTA_SENTENCES = ("credit balance", "usage limits")
_FILTER_CODES = frozenset({"content_filter", "content_policy_violation", "invalid_prompt"})


class FailureKind(StrEnum):
    """What a failed attempt means for whoever would ask again."""

    PASSING = "passing"  # it may be well again in a moment
    LIMITED = "limited"  # it asks to be left alone, for as long as it says
    HOPELESS = "hopeless"  # nobody's request will fare better until a person has acted
    UNFIT = "unfit"  # it does not take this request


@dataclass(frozen=True)
class Failure:
    """What an answer that is no 200 says."""

    kind: FailureKind
    retry_after_s: float | None = None
    declined: bool = False  # an answer after all: the provider will not speak of this


PASSING = Failure(FailureKind.PASSING)


def read_failure(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> Failure:
    """Read what a provider of either dialect says beside its status."""
    retry_after_s = read_retry_after_s(headers, now)
    said = _Said.read(body)
    if _FILTER_CODES & said.codes:
        return Failure(FailureKind.UNFIT, declined=True)
    # With a time to come again it is a limit, whatever it is called.
    over = retry_after_s is None and said.speaks_of_quota(status)
    if status in _NO_RETRY_HELPS or over:
        return Failure(FailureKind.HOPELESS, retry_after_s)
    if status == _TOO_MANY or retry_after_s is not None:
        return Failure(FailureKind.LIMITED, retry_after_s)
    if 400 <= status < 500 and status not in (408, 409):
        return Failure(FailureKind.UNFIT)
    return PASSING


@dataclass(frozen=True)
class _Said:
    """An error's type and codes, wherever a dialect puts them, and its sentence."""

    codes: frozenset[str] = frozenset()
    sentence: str = ""

    @classmethod
    def read(cls, body: bytes) -> "_Said":
        try:
            document = json.loads(body)
        except ValueError:
            return cls()  # a page of HTML, say
        error = document.get("error") if isinstance(document, dict) else None
        if not isinstance(error, dict):
            return cls()
        details = error.get("details")
        places: list[dict[str, Any]] = [error, details if isinstance(details, dict) else {}]
        codes = (place.get(key) for place in places for key in ("type", "code", "error_code"))
        words = frozenset(code for code in codes if isinstance(code, str))
        return cls(words, str(error.get("message", "")))

    def speaks_of_quota(self, status: int) -> bool:
        """A quota shares its status with a rate limit: only its words tell them apart."""
        if status == _BAD_REQUEST:
            return any(words in self.sentence for words in _QUOTA_SENTENCES)
        in_codes = any(word in code for code in self.codes for word in _QUOTA_WORDS)
        return status == _TOO_MANY and in_codes
