"""What a run waits for people to say: shown to them, and told to them, from this one value."""

from datetime import datetime

from gameday.domain.environment import InjectorAddress
from gameday.domain.proposal import Proposal
from gameday.domain.record import RunRequest
from gameday.domain.statement import Says, Statement
from gameday.domain.value import Value


class Waiting(Value):
    """A plan that waits for yes or no, or a question with its choices.

    digest: what an answer is bound to. lines: what exactly it is about, for people. proposal: the
    steps that the digest is of; None of a drill's plan and of a question. choices: of a question,
    what each leads to. otherwise: what happens when nobody has said anything by `until`.
    """

    run_id: str
    target: str
    environment: str
    injector: InjectorAddress
    asked_by: str
    digest: str
    title: str
    lines: tuple[str, ...]
    proposal: Proposal | None = None
    choices: dict[str, str] = {}
    until: datetime
    otherwise: str

    def statements(self) -> dict[str, Statement]:
        """What people can say, by the word for it: approve and deny, or one of the choices."""
        about = {"digest": self.digest, "run_id": self.run_id}
        if self.choices:
            return {
                choice: Statement(says=Says.ANSWER, answer=choice, **about)
                for choice in self.choices
            }
        return {
            "approve": Statement(says=Says.APPROVE, **about),
            "deny": Statement(says=Says.DENY, **about),
        }


def waiting_drill(request: RunRequest, until: datetime) -> Waiting:
    """A drill whose plan waits for approval."""
    plan, where = request.plan, f"{request.target.target}/{request.environment}"
    broken = "; ".join(plan.faults) or "nothing"
    costs = f"at most {plan.requests_max:,} requests, ${plan.cost_usd_max:.2f}"
    return Waiting(
        run_id=request.run_id,
        target=request.target.target,
        environment=request.environment,
        injector=request.target.environments[request.environment].injector,
        asked_by=request.requested_by,
        digest=plan.digest,
        title=f"drill {request.drill.drill} on {where}",
        lines=(
            f"hypothesis  {request.drill.hypothesis}",
            f"breaks      {broken}; at most {plan.fault_seconds_max:g} s",
            f"radius      {plan.radius}",
            *(f"responds    {step}" for step in plan.response),
            f"load        {request.drill.load.shape}; {costs}",
            f"guards      {'; '.join(map(str, request.drill.abort_when)) or 'none'}",
        ),
        until=until,
        otherwise="the run ends refused, and nothing is touched",
    )
