"""Decides whether a step may be carried out for good: stop, proposal, claim, policy, approvals.

Nothing here awaits, so that two requests at once cannot both be let in.
"""

from collections.abc import Callable, Iterable

from gameday.domain.act import ActOrder, ActRecord
from gameday.domain.drill import StepSpec
from gameday.domain.errors import GamedayError
from gameday.domain.lease import COMPONENT_PORT, component_place
from gameday.domain.respond_rule import RespondRule
from gameday.domain.statement import run_digest
from gameday.domain.step import Step
from gameday.injector.clock import utc_now
from gameday.injector.keeper import FaultKeeper
from gameday.injector.proposed import unapproved
from gameday.injector.refusal import RefusalError, Why

_ASK_OWNER = "ask the owner of the policy file"


class ActAdmission:
    """The rules of one injector for what is to stay."""

    def __init__(self, faults: FaultKeeper, make: Callable[[StepSpec], Step]) -> None:
        self._faults = faults
        self._make = make

    def admit(self, order: ActOrder, known: Iterable[ActRecord]) -> Step:
        """The step, if everything lets it be carried out now. Raises RefusalError.

        known: the acts that were carried out before, or are being.
        """
        step = self.admit_if_approved(order, known)
        proposal = order.proposal
        if proposal.mode != "live":
            raise RefusalError(
                Why.MALFORMED,
                f"what is proposed is a {proposal.mode.replace('_', ' ')}: its steps do not stay",
                next_step="hold it under a lease (PUT /faults), or propose it as live",
            )
        if missing := self._not_let(order):
            raise RefusalError(Why.POLICY, missing, next_step=f"gameday approve {proposal.run_id}")
        return step

    def admit_if_approved(self, order: ActOrder, known: Iterable[ActRecord]) -> Step:
        """The same, but for what people have still to say. Raises RefusalError."""
        self._faults.admission.refuse_when_stopped("")
        try:
            step = self._make(order.step)
        except GamedayError as error:
            raise RefusalError(Why.MALFORMED, error.sentence, next_step=error.next_step) from error
        if able := step.misplaced(order.step.on):
            said = f"{order.step.kind} changes {able}, found {order.step.on}"
            raise RefusalError(Why.MALFORMED, said)
        claim = claim_of(order)
        if held := self._faults.holder(claim):
            raise RefusalError(
                Why.CONFLICT,
                f"{claim} is held by the drill of run {held.run_id} ({held.fault.kind})",
                next_step=f"gameday abort {held.run_id}",
            )
        if beyond := self.rule_for(order).bound_passed(order, known, utc_now()):
            raise RefusalError(Why.POLICY, beyond, next_step=_ASK_OWNER)
        return step

    def _not_let(self, order: ActOrder) -> str:
        """What people have still to say to it, in one sentence; '' when nothing."""
        of, words = order.proposal, self._faults.admission.words
        started = run_digest(of.mode, of.target, of.environment, of.runbook_digest)
        alerts = self.rule_for(order).alerts
        return words.why_not_started(
            started, run_id=of.run_id, asked_by=of.asked_by, alerts=alerts
        ) or unapproved(words, self._faults.admission.policy, of, order.step)

    def rule_for(self, order: ActOrder) -> RespondRule:
        """The rule of the policy that decides about it. Raises RefusalError where none lets it."""
        proposal, step, policy = order.proposal, order.step, self._faults.admission.policy
        rule = policy.respond_rule(
            target=proposal.target, environment=proposal.environment, kind=step.kind, on=step.on
        )
        what = f"{step.kind} on {step.on} of {proposal.target}/{proposal.environment}"
        if rule is None:
            why = f"policy {policy.policy!r} has no rule under respond that allows {what}"
            raise RefusalError(Why.POLICY, why, next_step=_ASK_OWNER)
        if too_lax := rule.too_lax_for(proposal.environment):
            raise RefusalError(Why.POLICY, f"{what}: {too_lax}", next_step=_ASK_OWNER)
        return rule


def claim_of(order: ActOrder) -> str:
    """What it changes, as the injector calls what can be held: `component/lab/model`."""
    return f"{COMPONENT_PORT}/{component_place(order.proposal.target, order.step.on)}"
