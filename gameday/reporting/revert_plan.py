"""The plan of what to put back, in words: the same for the command line and the report."""

from collections.abc import Iterator

from gameday.domain.revert_plan import LIKELY, Decided, Left, Revert, RevertPlan, named

MEASURE = "measure after each, and stop as soon as the answers are INSIDE"


def plan_lines(plan: RevertPlan) -> list[str]:
    """What to do first, then why, then what is left alone and why."""
    return [*_steps(plan), *map(_left, plan.left), *_open(plan)]


def _steps(plan: RevertPlan) -> Iterator[str]:
    if not plan.steps:
        yield "  nothing is to be put back"
        return
    yield f"  put back one after the other; {MEASURE}"
    for number, step in enumerate(plan.steps, start=1):
        yield f"  {number}  {step.changed.words}"
        yield f"     {how_likely(step)}: {step.reason}"


def what_to_do(one: Decided) -> str:
    """`put back, likely (75%)`, or that it is left alone."""
    return f"put back, {how_likely(one)}" if isinstance(one, Revert) else "leave alone"


def how_likely(step: Decided) -> str:
    word = "likely" if step.chance >= LIKELY else "possible"
    return f"{word} ({step.chance:.0%})"


def _left(left: Left) -> str:
    return f"  leave {left.changed.words}: {left.reason}"


def _open(plan: RevertPlan) -> Iterator[str]:
    if plan.undecided:
        yield f"  {plan.undecided}"
    if plan.unexplained:
        groups = " and ".join(named(group) for group in plan.unexplained)
        yield f"  no recorded change that can be put back explains {groups}"
