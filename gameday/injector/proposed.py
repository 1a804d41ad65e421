"""Whether people have let a step of a proposal run; the digest is reckoned here, and not told."""

from gameday.domain.drill import StepSpec
from gameday.domain.policy import APPROVAL, Policy
from gameday.domain.proposal import Proposal
from gameday.injector.clock import utc_now
from gameday.injector.words import Words

_DAY_S = 86_400.0  # how old an approval may be where no rule of the policy says


def approvals_of(
    words: Words, policy: Policy, proposal: Proposal, step: StepSpec
) -> tuple[int, tuple[str, ...]]:
    """How many people must approve a step of it, and who has.

    So many as the runbook asks for, or as the policy does, whichever is more.
    """
    rule = policy.respond_rule(
        target=proposal.target, environment=proposal.environment, kind=step.kind, on=step.on
    )
    people = words.approved_by(
        proposal.digest,
        run_id=proposal.run_id,
        asked_by=proposal.asked_by,
        within_s=rule.approved_within if rule else _DAY_S,
    )
    return max(proposal.approvals, rule.approvals if rule else 0), people


def unapproved(words: Words, policy: Policy, proposal: Proposal, step: StepSpec) -> str:
    """Why a step of it may not be carried out yet, in one sentence; '' when people let it."""
    if proposal.expired(utc_now()):
        return f"what was proposed was good until {proposal.expires_at:%H:%M:%S} UTC; propose anew"
    if by := words.denied_by(proposal.digest, run_id=proposal.run_id):
        return f"{by} has said no to {step.words}"
    needed, people = approvals_of(words, policy, proposal, step)
    if len(people) < needed:
        return f"{step.words} needs {needed} {APPROVAL}, has {len(people)}"
    return ""
