"""Judges what an answer that passed costs, where parts of it are known between bounds only."""

from collections.abc import Callable
from math import inf

from gameday.checks._figures import beside
from gameday.domain.check import Finding, Seen, unknown, yes_if
from gameday.domain.figure import Measure
from gameday.domain.spending import Bounds, Ledger, Spending


def ledger(seen: Seen) -> Ledger:
    """The books of the run."""
    return Ledger(seen.windows, seen.target.prices, seen.calls)


def judge_usd(spent: Spending, at_most: float) -> Finding:
    """Whether an answer that passed costs at most so many US dollars."""
    if why := untold(spent):
        return unknown(why)
    bounds = spent.per_success
    assert bounds is not None
    figure = between(bounds, lambda usd: f"${beside(usd, at_most, 4)}")
    reason = f"{figure} for each answer that passed (at most ${at_most:g}): {accounts(spent)}"
    if bounds.least > at_most:
        return yes_if(False, reason, Measure(value=bounds.least, objective=at_most, unit="USD"))
    if bounds.most > at_most:
        return unknown(f"{reason}; {why_wide(spent)}")
    return yes_if(True, reason, Measure(value=bounds.most, objective=at_most, unit="USD"))


def untold(spent: Spending) -> str:
    """Why nothing can be said of a cost for each success, in one sentence; '' if it can."""
    if not spent.good:
        return "no good answer, so none has a cost"
    if not spent.passed + spent.undecided:
        return f"none of {spent.good} good answers passed the suite, so none has a cost"
    if spent.unpriced:
        return f"answers of {', '.join(sorted(spent.unpriced))} have no price in the target file"
    return ""


def accounts(spent: Spending) -> str:
    """How many passed, what was spent, and what of it for nothing."""
    undecided = f", {spent.undecided} could not be told" if spent.undecided else ""
    words = f"{spent.passed} of {spent.good} good answers passed{undecided}"
    words += f"; {dollars(spent.usd)} in all"
    if spent.wasted.most:
        words += f", of it {dollars(spent.wasted)} for attempts that no client got an answer by"
    if not spent.attempts_told:
        words += ", at least: nobody tells of retries"
    return words


def why_wide(spent: Spending) -> str:
    """What keeps the bounds apart."""
    if spent.unseen:
        names = " and ".join(sorted(spent.unseen))
        return f"what attempts at {names} cost is not known: no answer of theirs has a price"
    if spent.undecided:
        return f"whether {spent.undecided} answers passed is not known"
    return "how much of what was wasted the providers bill is not known"


def dollars(bounds: Bounds) -> str:
    return between(bounds, lambda usd: f"${usd:.4g}")


def between(bounds: Bounds, write: Callable[[float], str]) -> str:
    """Both bounds, or one where they are the same, or nobody knows how much more it is."""
    if bounds.least == bounds.most:
        return write(bounds.least)
    if bounds.most == inf:
        return f"{write(bounds.least)} or more"
    return f"{write(bounds.least)} to {write(bounds.most)}"
