"""Which of several changes to put back, in what order, and which to leave alone.

**How likely.** Each changed component is a culprit or none, beforehand with the same chance. A
culprit shows in a group of questions with the chance that `_SHOWS_IN` has for it; a group may also
show for a reason that nobody recorded. One that shows nothing speaks against a culprit as far as it
was asked enough to show something, at the pace of those that have. Over all sets of culprits this
gives, by Bayes' rule, how likely each component is one. Sets that explain no more than a smaller
one are less likely by themselves, so that no more is put back than is needed.

**In what order.** The likely ones first, then the possible ones; of equally likely ones that first
which costs users least. After each, the quality is measured anew, and a new plan is made of what
still differs: a change whose effect another one has hidden shows itself then. Nothing is put back
once the answers are INSIDE.

**What it rests on.** The table says what kind of questions a component shows in, not by how much.
It is coarse, and so is the answer: likely, possible, or innocent.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain, combinations
from math import fsum, prod
from typing import get_args

from gameday.domain.component import Component, ComponentName, Setting, UserCost
from gameday.domain.culprit import heard, showing
from gameday.domain.ledger import Differences
from gameday.domain.quality_envelope import Verdict
from gameday.domain.reference import UNNAMED
from gameday.domain.shown import Shown
from gameday.domain.value import Value

LIKELY = 1 / 3  # from this chance on
POSSIBLE = 0.05
_BEFOREHAND = 0.25  # the chance that a component which was changed is a culprit
_HEARD = 0.5  # of the answers that a group needs to show: from here on it counts as quiet
_UNRECORDED = 0.01  # that a group shows for a reason that is in no ledger
_COULD_SHOW = 0.5  # a component is suspected where it shows with this chance
_CHEAPEST_FIRST: tuple[UserCost, ...] = ("none", "low", "medium", "high")
# The chance that a culprit shows in a group of questions, and in the groups that are not named.
_SHOWS_IN: Mapping[ComponentName, tuple[Mapping[str, float], float]] = {
    "model": ({}, 0.9),
    "prompt": ({}, 0.9),
    "gateway": ({}, 0.9),
    "verifier": ({}, 0.9),
    "route": ({}, 0.9),
    "feature": ({}, 0.9),
    "budget": ({}, 0.5),  # shows in all groups alike, and only once it is spent
    "parameters": ({"long": 0.9}, 0.5),  # a cut input shows where much is said, a limit everywhere
    "corpus": ({"retrieval": 0.9}, 0.05),
    "index": ({"retrieval": 0.9}, 0.05),
    "tools": ({"tool": 0.9}, 0.05),
    # Answers are compared with those to the same question: what is asked more often changes none.
    "inputs": ({}, 0.0),
}


# What follows another component when that changes, and goes back with it.
_FOLLOWS: Mapping[ComponentName, ComponentName] = {"index": "corpus"}


class Changed(Value):
    """A component that stands at another version than when all was well.

    before, now: versions as people call them. at, by: when and by whom, where that is known; else
    until, when somebody first saw the new one. user_cost: of putting it back. why_not: why it
    cannot be put back; '' where it can. back: what a change takes to come back to `before`.
    """

    component: ComponentName
    before: str
    now: str
    at: datetime | None = None
    until: datetime | None = None
    by: str = ""
    user_cost: UserCost = "medium"
    why_not: str = ""
    back: Setting | None = None

    @property
    def words(self) -> str:
        """`corpus, from 3f2a to 9c1d at 09:10 UTC by anna`."""
        when = f" before {self.until:%Y-%m-%d %H:%M} UTC" if self.until else ""
        when = f" at {self.at:%Y-%m-%d %H:%M} UTC" if self.at else when
        whom = f" by {self.by}" if self.by else ""
        return f"{self.component}, from {self.before} to {self.now}{when}{whom}"


def changed_since(
    found: Differences, components: Mapping[ComponentName, Component]
) -> tuple[Changed, ...]:
    """What stands at another version at the end than at the beginning; each component once.

    found: of the ledger. components: of the target. What was changed and put back is left out.
    """
    by_name: dict[ComponentName, Changed] = {}
    for name in get_args(ComponentName):
        own = [one for one in found.changes if one.component.split()[0] == name]
        if not own or own[0].before.digest == own[-1].now.digest:
            continue
        first, last = own[0], own[-1]
        declared = components.get(name)
        by_name[name] = Changed(
            component=name,
            before=first.before.label,
            now=last.now.label,
            at=last.at,
            until=last.until,
            by=f"the drill {last.drill} itself" if last.drill else last.by,
            user_cost=declared.user_cost if declared else "medium",
            why_not="" if declared else "the target file does not say how",
            back=first.before.back,
        )
    return tuple(by_name.values())


def changed_by_name(before: Mapping[str, int], now: Mapping[str, int]) -> Changed | None:
    """The model, where answers name one that none of before named; None where they do not.

    before: answers by the names that they gave, which begin with model and fingerprint and may go
    on with a version. now: by model and fingerprint alone: a version also tells of what is served
    beside a model, such as its prompt or its corpus.
    """
    new = [name for name in now if name != UNNAMED and not _named_in(before, name)]
    if not before or not new:
        return None
    return Changed(component="model", before=" or ".join(before), now=" or ".join(new))


def _named_in(before: Iterable[str], name: str) -> bool:
    return any(f"{one} ".startswith(f"{name} ") for one in before)


class Decided(Value):
    """What is to be done about one change, and why. chance: that it is a culprit."""

    changed: Changed
    chance: float
    reason: str

    @property
    def component(self) -> ComponentName:
        return self.changed.component


class Revert(Decided):
    """One change to put back."""


class Left(Decided):
    """One change that is left alone."""


class RevertPlan(Value):
    """What to put back, one after the other, until the answers are INSIDE again.

    undecided: what cannot be told yet; '' where nothing is open. unexplained: groups that show, and
    no recorded change could be why.
    """

    steps: tuple[Revert, ...] = ()
    left: tuple[Left, ...] = ()
    undecided: str = ""
    unexplained: tuple[str, ...] = ()

    @property
    def every(self) -> tuple[Decided, ...]:
        """All changes that it knows of."""
        return (*self.steps, *self.left)

    @property
    def order(self) -> tuple[ComponentName, ...]:
        """The components to put back, the first one first."""
        return tuple(step.component for step in self.steps)

    @property
    def likely(self) -> tuple[ComponentName, ...]:
        """Those of them that are likely culprits."""
        return tuple(step.component for step in self.steps if step.chance >= LIKELY)


def plan_reverts(changes: Sequence[Changed], shown: Mapping[str, Shown]) -> RevertPlan:
    """The plan for these changes, after what the groups of questions have shown.

    changes: each component once. shown: by group.
    """
    groups, names = _Groups(shown), [change.component for change in changes]
    chances = _chances([name for name in names if _FOLLOWS.get(name) not in names], groups)
    steps, left = list[Revert](), list[Left]()
    for change in changes:
        if change.component not in chances:
            follows = f"it follows the {_FOLLOWS[change.component]}, which changed as well"
            left.append(Left(changed=change, chance=0.0, reason=follows))
            continue
        chance = chances[change.component]
        suspect = any(_suspects([change.component], group) for group in groups.harmed)
        if not suspect or chance < POSSIBLE or change.why_not:
            left.append(Left(changed=change, chance=chance, reason=_why_left(change, groups)))
        else:
            reason = f"{_why(change, groups)}; cost to users: {change.user_cost}"
            steps.append(Revert(changed=change, chance=chance, reason=reason))
    able = {step.component for step in steps}
    return RevertPlan(
        steps=tuple(sorted(steps, key=_rank)),
        left=tuple(sorted(left, key=lambda one: one.component)),
        undecided=_undecided(groups),
        unexplained=tuple(group for group in groups.harmed if not _suspects(able, group)),
    )


def harmed_groups(shown: Mapping[str, Shown]) -> tuple[str, ...]:
    """The groups of questions whose answers are worse, as far as that is known."""
    return tuple(_Groups(shown).harmed)


class _Groups:
    """The groups of questions by what they show, each sorted."""

    def __init__(self, shown: Mapping[str, Shown]) -> None:
        evidence = {group: one.odds for group, one in shown.items()}
        answers = {group: one.answers for group, one in shown.items()}
        fine = {group for group, one in shown.items() if one.verdict is Verdict.INSIDE}
        # Requests that fail have no words to be compared.
        bad = {group for group, one in shown.items() if one.verdict is Verdict.OUTSIDE}
        # Other words are no harm by themselves, and a few answers may score less by luck.
        worse = {group for group in showing(evidence) if shown[group].worse}
        self.shown = shown
        self.harmed = sorted((bad | worse) - fine)
        # How surely a group would have shown by now what a culprit does in it.
        self.heard = heard(evidence, answers) | dict.fromkeys(fine, 1.0)
        for group in self.harmed:
            self.heard.pop(group, None)
        self.spared = sorted(group for group, part in self.heard.items() if part >= _HEARD)
        self.open = sorted(shown.keys() - {*self.harmed, *self.spared})


def _chances(names: Sequence[ComponentName], groups: _Groups) -> dict[ComponentName, float]:
    """How likely each is a culprit."""
    weights = {culprits: _weight(names, culprits, groups) for culprits in _subsets(names)}
    total = fsum(weights.values())
    return {
        name: fsum(weight for culprits, weight in weights.items() if name in culprits) / total
        for name in names
    }


def _weight(
    names: Sequence[ComponentName], culprits: Sequence[ComponentName], groups: _Groups
) -> float:
    """How likely it is that these are the culprits, and that the groups show what they do."""
    others = len(names) - len(culprits)
    return (
        _BEFOREHAND ** len(culprits)
        * (1 - _BEFOREHAND) ** others
        * prod(_chance_shown(culprits, group) for group in groups.harmed)
        * prod(1 - part * _chance_shown(culprits, group) for group, part in groups.heard.items())
    )


def _chance_shown(culprits: Iterable[ComponentName], group: str) -> float:
    return 1 - (1 - _UNRECORDED) * prod(1 - chance_to_show(name, group) for name in culprits)


def chance_to_show(name: ComponentName, group: str) -> float:
    """The chance that a harmful change of it shows in the answers to that group of questions."""
    named, elsewhere = _SHOWS_IN[name]
    return named.get(group, elsewhere)


def _subsets(names: Sequence[ComponentName]) -> Iterable[tuple[ComponentName, ...]]:
    return chain.from_iterable(combinations(names, size) for size in range(len(names) + 1))


def _rank(step: Revert) -> tuple[bool, int, float, str]:
    cost = _CHEAPEST_FIRST.index(step.changed.user_cost)
    return step.chance < LIKELY, cost, -round(step.chance, 6), step.component


def _suspects(names: Iterable[ComponentName], group: str) -> bool:
    return any(chance_to_show(name, group) >= _COULD_SHOW for name in names)


def _why(change: Changed, groups: _Groups) -> str:
    """What speaks for it, and what against."""
    where = [one for one in groups.harmed if _suspects([change.component], one)]
    told = " and ".join(f"{named(one)} ({groups.shown[one].figures})" for one in where)
    against = [one for one in groups.spared if _suspects([change.component], one)]
    return f"shows in {told}" + (f"; but not in {_listed(against)}" if against else "")


def _why_left(change: Changed, groups: _Groups) -> str:
    if change.component == "inputs":
        return "other questions are asked, which changes the answer to none of them"
    if not groups.harmed:
        return "nothing shows that the answers to any group of questions are worse"
    if change.why_not:
        return f"it cannot be put back: {change.why_not}"
    would = [one for one in groups.spared if _suspects([change.component], one)]
    if would:
        return f"it would show in {_listed(would)}, whose answers are as good as before"
    could = [one for one in groups.open if _suspects([change.component], one)]
    if could:
        return f"it would show in {_listed(could)}, of which too little is known yet"
    return f"it does not show in {_listed(groups.harmed)}"


def _undecided(groups: _Groups) -> str:
    if not groups.open:
        return ""
    told = (f"{named(one)} ({groups.shown[one].answers} answers)" for one in groups.open)
    return f"not known yet: {', '.join(told)}"


def _listed(groups: Collection[str]) -> str:
    return " and ".join(map(named, groups))


def named(group: str) -> str:
    """A group of questions as a sentence has it."""
    return f"{group} questions" if group else "questions without a group"
