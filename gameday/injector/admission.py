"""Decides whether a fault may be armed: stop, tombstones, settings, claim, policy, approvals.

Nothing here awaits, so that two requests at once cannot both be let in.
"""

from collections.abc import Callable, Collection, Iterable

from gameday.domain.drill import FaultSpec, Scope, StepSpec
from gameday.domain.errors import GamedayError
from gameday.domain.lease import COMPONENT_PORT, Injection
from gameday.domain.policy import Policy
from gameday.injector.act import Act
from gameday.injector.held import Held
from gameday.injector.journal import Memory
from gameday.injector.proposed import unapproved
from gameday.injector.refusal import RefusalError, Why
from gameday.injector.words import Words


class Admission:
    """The rules of one injector. `policy` and `ending` may change while it runs."""

    def __init__(
        self,
        memory: Memory,
        ports: Collection[str],
        make: Callable[[FaultSpec | StepSpec], Act],
        policy: Policy,
    ) -> None:
        self.policy = policy
        self.words = Words(memory, lambda: self.policy)
        self.ending = False  # the process is asked to end: nothing new, but no persisted stop
        self._memory = memory
        self._ports = ports
        self._make = make

    def refuse_when_stopped(self, fault_id: str) -> None:
        """Raise RefusalError when nothing, or not this id, may be armed any more."""
        if self._memory.stopped:
            raise RefusalError(
                Why.CONFLICT, "the injector is stopped", next_step="gameday injector resume"
            )
        if self.ending:
            raise RefusalError(Why.CONFLICT, "the injector is ending")
        if fault_id in self._memory.tombstones:
            raise RefusalError(
                Why.CONFLICT,
                f"fault {fault_id} was cleared already; a late inject is refused",
                next_step="choose a new id",
            )

    def admit(self, wanted: Injection, held: Iterable[Held]) -> tuple[Act, str]:
        """The fault and its claim. Raises RefusalError."""
        spec = wanted.fault
        try:
            fault = self._make(spec)
        except GamedayError as error:
            raise RefusalError(Why.MALFORMED, error.sentence, next_step=error.next_step) from error
        name = wanted.place(fault.port)
        if fault.port == COMPONENT_PORT and fault.port not in self._ports:
            raise RefusalError(
                Why.MALFORMED,
                f"{spec.kind} changes {spec.on}, and this injector was started without --target",
                next_step="start it with --target FILE, the target file that describes it",
            )
        if fault.port not in self._ports or not name:
            raise RefusalError(
                Why.MALFORMED, f"{spec.kind} on {spec.on} needs an address for {fault.port}"
            )
        if spec.scope not in fault.scopes:
            able = ", ".join(sorted(fault.scopes))
            raise RefusalError(
                Why.MALFORMED, f"{spec.kind} cannot touch {spec.scope} traffic, only {able}"
            )
        if objection := fault.objection(spec.scope):
            raise RefusalError(Why.MALFORMED, f"{spec.kind} on {spec.on}: {objection}")
        if spec.scope is Scope.MARKED and wanted.marker is None:
            raise RefusalError(
                Why.MALFORMED,
                f"{spec.kind} on {spec.on} is for marked traffic, and nobody says what marks it",
                next_step="add `marker:` to front_door in the target file",
            )
        claim = f"{fault.port}/{name}"
        for other in held:
            if other.claim == claim and not _rolls_back(wanted, other):
                raise RefusalError(
                    Why.CONFLICT,
                    f"{claim} is held by run {other.wanted.run_id} ({other.wanted.fault.kind})",
                    next_step="wait for that run to end, or abort it",
                )
        if refusal := self._policy_refusal(wanted):
            raise RefusalError(Why.POLICY, refusal, next_step="ask the owner of the policy file")
        return fault, claim

    def _policy_refusal(self, wanted: Injection) -> str:
        """What the policy, and the people that it names, have against it; '' when nothing."""
        rule, digest, run_id = self.policy.rule_of(wanted), wanted.plan_digest, wanted.run_id
        if by := self.words.denied_by(digest, run_id=run_id):
            return f"{by} has said no to this plan"
        approvals = self.words.approved_by(
            digest,
            run_id=run_id,
            asked_by=wanted.requested_by,
            within_s=rule.approved_within if rule else 0.0,
        )
        not_started = self.words.why_not_started(
            digest,
            run_id=run_id,
            asked_by=wanted.requested_by,
            alerts=rule is not None and rule.alerts,
        )
        return (
            self.policy.refusal(wanted, approvals=len(approvals))
            or not_started
            or self._unapproved(wanted)
        )

    def _unapproved(self, wanted: Injection) -> str:
        """Why a step that its runbook wants approved may not run yet; '' for any other."""
        proposal, step = wanted.proposal, wanted.fault
        if proposal is None:
            return ""
        # Who asks too: else the author's own approval would be somebody else's.
        here = (wanted.run_id, wanted.target, wanted.environment, wanted.requested_by, "drill")
        there = (
            proposal.run_id, proposal.target, proposal.environment, proposal.asked_by,
            proposal.mode,
        )  # fmt: skip
        if not isinstance(step, StepSpec) or step not in proposal.steps or here != there:
            return f"{step.kind} on {step.on} is no step of what is proposed for this drill"
        return unapproved(self.words, self.policy, proposal, step)


def _rolls_back(wanted: Injection, other: Held) -> bool:
    """Whether it is the step of a response to the fault that is there: the same run's."""
    return (
        isinstance(wanted.fault, StepSpec)
        and not other.is_step
        and other.wanted.run_id == wanted.run_id
    )
