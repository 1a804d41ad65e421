"""The question `provider_reachable`: whether a provider answers the system's requests."""

from typing import ClassVar

from gameday.domain.names import Name
from gameday.domain.question import UNKNOWN, Answered, Question, Witness
from gameday.domain.target import Target


class ProviderReachable(Question):
    """Whether a provider answers, by what became of the system's own requests to it.

    Not by a health check of the provider's: what the system's requests met is what counts. One
    answer is enough for a yes; a no needs several requests that all failed there.

    provider: its name in the target file.

    Source: the attempts that the front door's answers tell of.
    """

    answers: ClassVar[tuple[str, ...]] = ("yes", "no", UNKNOWN)
    well: ClassVar[frozenset[str]] = frozenset({"yes"})

    provider: Name

    def cannot_be_asked(self, target: Target) -> str:
        if self.provider not in target.providers:
            known = ", ".join(target.providers)
            return f"the target has no provider {self.provider!r} (it has: {known})"
        return ""

    async def ask(self, witness: Witness) -> Answered:
        seen = await witness.attempts(self.provider)
        evidence = {"provider": self.provider, **seen.model_dump(mode="json")}
        how = ", ".join(f"{count} {outcome}" for outcome, count in seen.outcomes.items())
        if seen.answered:
            answer, reason = "yes", f"{self.provider} answered {seen.answered} of {seen.asked}"
        elif seen.asked >= _FAILED_MIN:
            answer, reason = "no", f"{self.provider} answered none of {seen.asked} ({how})"
        elif seen.asked:
            answer = UNKNOWN
            reason = f"only {seen.asked} requests tried {self.provider} ({how}); {_FAILED_MIN} tell"
        else:
            answer, reason = UNKNOWN, f"no request tried {self.provider}"
            if not seen.told:
                reason = "the front door's answers do not tell which providers were asked"
        return Answered(answer=answer, reason=reason, evidence=evidence)


_FAILED_MIN = 3  # fewer may be an accident
