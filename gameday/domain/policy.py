"""What a policy file says: what may be broken, how, and for how long. The injector holds it."""

from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import Field

from gameday.domain.drill import Scope
from gameday.domain.lease import Injection
from gameday.domain.names import Name
from gameday.domain.quantities import Seconds
from gameday.domain.value import Value


class Rule(Value):
    """One permission. `on` and `kinds` may hold `*`."""

    target: str
    environment: str
    on: str
    kinds: Annotated[tuple[str, ...], Field(min_length=1)]
    scopes: tuple[Scope, ...] = (Scope.MARKED,)
    share_max: Annotated[float, Field(gt=0, le=1, examples=[0.25])] = 1.0  # for scope share
    lease_max: Seconds = 60.0
    deadline_max: Seconds = 900.0
    approvals: Annotated[int, Field(ge=0, le=2)] = 0

    def covers(self, wanted: Injection) -> bool:
        return (
            fnmatchcase(wanted.target, self.target)
            and fnmatchcase(wanted.environment, self.environment)
            and fnmatchcase(wanted.fault.on, self.on)
            and any(fnmatchcase(wanted.fault.kind, kind) for kind in self.kinds)
        )

    def bound_passed(self, wanted: Injection) -> str:
        """Which bound `wanted` is over, in one sentence; empty when it is within all."""
        share = float(wanted.fault.settings.get("share", 1.0))
        if wanted.fault.scope is Scope.SHARE and share > self.share_max:
            return f"a share of {share:g} is over the policy's {self.share_max:g}"
        if wanted.lease_s > self.lease_max:
            return f"a lease of {wanted.lease_s:g} s is over the policy's {self.lease_max:g} s"
        if wanted.deadline_s > self.deadline_max:
            return (
                f"a deadline of {wanted.deadline_s:g} s is over the policy's "
                f"{self.deadline_max:g} s"
            )
        return ""


class Policy(Value):
    """A policy file (`policy.yaml`), owned by the operator."""

    policy: Name
    allow: tuple[Rule, ...] = ()

    def refusal(self, wanted: Injection, *, approvals: int) -> str:
        """Why `wanted` is not allowed, in one sentence; empty when it is allowed.

        The first rule that covers it decides; a later one cannot allow what that one forbids.
        approvals: how many people have approved the digest of the exact plan.
        """
        rule = next((rule for rule in self.allow if rule.covers(wanted)), None)
        what = f"{wanted.fault.kind} on {wanted.fault.on} of {wanted.target}/{wanted.environment}"
        if rule is None:
            return f"policy {self.policy!r} has no rule that allows {what}"
        if wanted.fault.scope not in rule.scopes:
            allowed = ", ".join(rule.scopes)
            return f"policy allows {what} for scope {allowed}, not for {wanted.fault.scope}"
        if too_much := rule.bound_passed(wanted):
            return too_much
        if approvals < rule.approvals:
            return f"{what} needs {rule.approvals} approval(s) of this exact plan, has {approvals}"
        return ""
