"""What a policy file says: what may be broken, how, and for how long. The injector holds it.

What may be changed for good in an incident: `gameday/domain/respond_rule.py`.
"""

from fnmatch import fnmatchcase
from typing import Annotated, Self

from pydantic import Field, model_validator

from gameday.domain.drill import Scope
from gameday.domain.environment import is_production
from gameday.domain.lease import Injection
from gameday.domain.names import Name
from gameday.domain.people import Person, PersonName, why_not_apart
from gameday.domain.proof import ProofSpec
from gameday.domain.quantities import Seconds
from gameday.domain.respond_rule import RespondRule
from gameday.domain.value import Value

APPROVAL = "approval(s) of this exact plan"
_PROOF_S_MAX = 7 * 86_400.0  # of isolation in production, where the policy does not say


class Rule(Value):
    """One permission. `on` and `kinds` may hold `*`.

    In production (see `is_production`) a rule needs a second person, and scopes narrower than all
    traffic unless nobody but the drill asks what is broken there.
    """

    target: str
    environment: str
    on: str
    kinds: Annotated[tuple[str, ...], Field(min_length=1)]
    scopes: tuple[Scope, ...] = (Scope.MARKED,)
    share_max: Annotated[float, Field(gt=0, le=1, examples=[0.25])] = 1.0  # for scope share
    lease_max: Seconds = 60.0
    deadline_max: Seconds = 900.0
    approvals: Annotated[int, Field(ge=0, le=2)] = 0  # by others than who asks for the run
    approved_within: Seconds = 86_400.0  # an older approval counts no more
    alerts: bool = False  # where there are `people:`, an alert may ask for it all the same
    twin: bool = False  # what is broken there serves a twin alone: the owner's word
    # How old the proof may be that no synthetic request acts for real; None asks for none.
    isolation_within: Seconds | None = None

    @model_validator(mode="after")
    def _fits_its_environment(self) -> Self:
        if too_lax := self.too_lax_for(self.environment):
            raise ValueError(too_lax)
        return self

    def too_lax_for(self, environment: str) -> str:
        """Why this rule allows nothing in `environment`, in one sentence; empty when it may."""
        if not is_production(environment):
            return ""
        if self.approvals < 1:
            return f"nothing is broken in {environment} without a second person: approvals: 1"
        if Scope.ALL in self.scopes and not self.twin:
            return (
                f"in {environment} a fault for all traffic reaches users: allow scopes marked or "
                "share, or say `twin: true` where nobody but the drill asks what is broken"
            )
        return ""

    def covers(self, wanted: Injection) -> bool:
        return (
            fnmatchcase(wanted.target, self.target)
            and fnmatchcase(wanted.environment, self.environment)
            and fnmatchcase(wanted.fault.on, self.on)
            and any(fnmatchcase(wanted.fault.kind, kind) for kind in self.kinds)
        )

    def bound_passed(self, wanted: Injection) -> str:
        """Which bound `wanted` is over, in one sentence; empty when it is within all."""
        share = max(wanted.fault.shares)
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

    def isolation_missing(self, wanted: Injection) -> str:
        """Why the proof of isolation does not do, in one sentence; empty when none is needed."""
        within = self.isolation_within
        if within is None:
            if not is_production(wanted.environment):
                return ""
            within = _PROOF_S_MAX
        where = f"{wanted.target}/{wanted.environment}"
        if wanted.isolation_age_s is None:
            return f"nothing proves that synthetic requests do not act for real in {where}"
        if wanted.isolation_age_s > within:
            return (
                f"the proof that synthetic requests do not act for real in {where} is "
                f"{wanted.isolation_age_s / 3600:.1f} h old, over the policy's {within / 3600:g} h"
            )
        return ""


class Policy(Value):
    """A policy file (`policy.yaml`), owned by the operator.

    people: who may start and approve, by name. Without any, a name is believed as it is given.
    proofs: how they are known, by the name that `known_by` uses; `key` needs no settings, and so
    no entry.
    """

    policy: Name
    allow: tuple[Rule, ...] = ()
    respond: tuple[RespondRule, ...] = ()
    people: dict[PersonName, Person] = {}
    proofs: Annotated[
        dict[Name, ProofSpec],
        Field(examples=[{"slack": {"kind": "slack", "secret": "env:SLACK_SECRET", "team": "T1"}}]),
    ] = {}

    @model_validator(mode="after")
    def _people_can_be_told_apart(self) -> Self:
        if why := why_not_apart(self.people):
            raise ValueError(why)
        return self

    @property
    def proofs_known(self) -> dict[Name, ProofSpec]:
        """With the one that every policy knows."""
        return {"key": ProofSpec(kind="key"), **self.proofs}

    def rule_of(self, wanted: Injection) -> Rule | None:
        """The first rule that covers it: it decides."""
        return next((rule for rule in self.allow if rule.covers(wanted)), None)

    def respond_rule(
        self, *, target: str, environment: str, kind: str, on: str
    ) -> RespondRule | None:
        """The rule that decides about a step of a runbook; None where it is not allowed at all."""
        covering = (rule for rule in self.respond if rule.covers(target, environment, kind, on))
        return next(covering, None)

    def words_of(self, rule: RespondRule) -> str:
        """Where it stands and what it asks for: why something could be done unattended."""
        needs = f"{rule.approvals} approval(s)" if rule.approvals else "unattended"
        return f"policy {self.policy!r}, rule {self.respond.index(rule) + 1} of respond: {needs}"

    def refusal(self, wanted: Injection, *, approvals: int) -> str:
        """Why `wanted` is not allowed, in one sentence; empty when it is allowed.

        The first rule that covers it decides; a later one cannot allow what that one forbids.
        approvals: how many people beside who asks have approved the digest of the exact plan.
        """
        rule = self.rule_of(wanted)
        what = f"{wanted.fault.kind} on {wanted.fault.on} of {wanted.target}/{wanted.environment}"
        if rule is None:
            return f"policy {self.policy!r} has no rule that allows {what}"
        if too_lax := rule.too_lax_for(wanted.environment):
            return f"{what}: {too_lax}"
        if wanted.fault.scope not in rule.scopes:
            allowed = ", ".join(rule.scopes)
            return f"policy allows {what} for scope {allowed}, not for {wanted.fault.scope}"
        if beyond := rule.bound_passed(wanted) or rule.isolation_missing(wanted):
            return beyond
        if approvals < rule.approvals:
            return f"{what} needs {rule.approvals} {APPROVAL}, has {approvals}"
        return ""
