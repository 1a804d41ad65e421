"""The fault `auth_masks_outage`: a failure inside the provider that looks like a bad key."""

from typing import ClassVar

from gameday.domain.wire import Answer, Condition, Hit
from gameday.faults._gate import GateFault


class AuthMasksOutage(GateFault):
    """Answer 401 for an outage of the provider's own, although the key is good.

    On the wire: 401 with a message that the user is not known (OpenAI's dialect: the integer
    code 401 and no type, as a router sends it; Anthropic: authentication_error; Azure: code
    PermissionDenied). Nothing tells it from a revoked key but that it goes away by itself.

    In reports: attempts with the outcome http_error at that provider. The trap is for people:
    rotating the key changes nothing.

    Source: OpenRouter on 2026-02-17 and 2026-02-19: a lost cache, and 401 "User not found" to
    most callers for 38 and 35 minutes (anomalyco/opencode#14254, status.openrouter.ai);
    Azure-Samples/azure-search-openai-demo#1837 (Azure's wording).
    """

    legend: ClassVar[str] = "outage behind a 401"

    def conditions(self) -> tuple[Condition, ...]:
        return (Condition.UNKNOWN_USER,)

    def instead(self, hit: Hit) -> Answer:
        return hit.dialect.failure(Condition.UNKNOWN_USER, hit.request)
