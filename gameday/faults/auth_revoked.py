"""The fault `auth_revoked`: the provider no longer accepts the key."""

from typing import ClassVar, Literal

from gameday.domain.wire import Answer, Condition, Hit
from gameday.faults._gate import GateFault

_SAID = {401: Condition.KEY_REVOKED, 403: Condition.PERMISSION}


class AuthRevoked(GateFault):
    """Answer every request as if its key had been revoked.

    On the wire: 401 with the dialect's error for a bad key (OpenAI: code invalid_api_key,
    Anthropic: authentication_error), or 403 with its error for a key that may not do this.

    In reports: attempts with the outcome http_error at that provider. A retry cannot help.

    Source: developersdigest.tech's list of Anthropic's errors; continuedev/continue#10120
    (OpenAI's 403); keys rotated after the compromised LiteLLM releases of 2026-03-24 and
    2026-10-21 (BerriAI/litellm#24512).
    """

    legend: ClassVar[str] = "key revoked"

    status: Literal[401, 403] = 401

    def conditions(self) -> tuple[Condition, ...]:
        return (_SAID[self.status],)

    def instead(self, hit: Hit) -> Answer:
        return hit.dialect.failure(_SAID[self.status], hit.request)
