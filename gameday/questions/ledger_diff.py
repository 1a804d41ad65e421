"""The question `ledger_diff`: which component has changed, and is to be put back first."""

from typing import Annotated, ClassVar, get_args

from pydantic import Field

from gameday.domain.component import ComponentName, Setting
from gameday.domain.detection import Detect
from gameday.domain.question import UNKNOWN, Answered, Question, Witness
from gameday.domain.revert_plan import RevertPlan

SEVERAL, NOTHING, UNRECORDED = "several", "nothing", "unrecorded"


class LedgerDiff(Question):
    """Which component differs from when all was well, and explains what the answers show.

    Answers that component's name where one stands out; `several` where more than one does;
    `unrecorded` where answers are worse and no recorded change explains it, as when a provider puts
    another model behind the same name; `nothing` where nothing differs and no group of questions is
    worse; `unknown` where too little is known to say.

    margin, alpha: by which a group of questions counts as worse.

    Source: `gameday ledger plan`, whose plan and reasons are the evidence.
    """

    answers: ClassVar[tuple[str, ...]] = (
        *get_args(ComponentName), SEVERAL, UNRECORDED, NOTHING, UNKNOWN,
    )  # fmt: skip

    margin: Annotated[float, Field(gt=0, lt=1, examples=[0.10])] = 0.10
    alpha: Annotated[float, Field(gt=0, le=0.2, examples=[0.01])] = 0.01

    async def ask(self, witness: Witness) -> Answered:
        plan = await witness.changes(Detect(alpha=self.alpha, margin=self.margin, by=("changed",)))
        answer, reason = _read(plan)
        return Answered(
            answer=answer,
            reason=reason,
            evidence=plan.model_dump(mode="json"),
            before=_ways_back(plan),
        )


def _read(plan: RevertPlan) -> tuple[str, str]:
    likely = plan.likely or plan.order
    if len(likely) > 1:
        return SEVERAL, f"{' and '.join(likely)} differ, and each may be why: {_told(plan)}"
    if likely:
        return likely[0], _told(plan)
    if plan.unexplained:
        groups = ", ".join(group or "without a group" for group in plan.unexplained)
        return UNRECORDED, f"answers are worse ({groups}), and no recorded change explains it"
    if plan.undecided:
        return UNKNOWN, plan.undecided
    left = "; ".join(f"{one.component}: {one.reason}" for one in plan.left)
    return NOTHING, f"nothing is to be put back: {left}" if left else "no component differs"


def _ways_back(plan: RevertPlan) -> dict[str, Setting]:
    """By component. A label is none: it may be the beginning of a text, or count documents."""
    back = {one.component: one.changed.back for one in plan.every}
    return {name: to for name, to in back.items() if to is not None}


def _told(plan: RevertPlan) -> str:
    return "; ".join(f"{step.changed.words}: {step.reason}" for step in plan.steps)
