"""The plan of what to put back, in words: the same for the command line and the report."""

from collections.abc import Iterator

from gameday.domain.revert_plan import LIKELY, Left, Revert, RevertPlan

_MEASURE = "measure after each, and stop as soon as the answers are INSIDE"


def plan_lines(plan: RevertPlan) -> list[str]:
    """What to do first, then why, then what is left alone and why."""
    return [*_steps(plan), *map(_left, plan.left), *_open(plan)]


def _steps(plan: RevertPlan) -> Iterator[str]:
    if not plan.steps:
        yield "  nothing is to be put back"
        return
    yield f"  put back one after the other; {_MEASURE}"
    for number, step in enumerate(plan.steps, start=1):
        yield f"  {number}  {step.changed.words}"
        yield f"     {_how_likely(step)}: {step.reason}"


def _how_likely(step: Revert) -> str:
    word = "likely" if step.chance >= LIKELY else "possible"
    return f"{word} ({step.chance:.0%})"


def _left(left: Left) -> str:
    return f"  leave {left.changed.words}: {left.reason}"


def _open(plan: RevertPlan) -> Iterator[str]:
    if plan.undecided:
        yield f"  {plan.undecided}"
    if plan.unexplained:
        groups = " and ".join(f"{group or 'other'} questions" for group in plan.unexplained)
        yield f"  no recorded change that can be put back explains {groups}"
