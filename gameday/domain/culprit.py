"""Which component has probably changed, told from the kinds of questions whose answers did.

A changed corpus shows only where something is looked up, a cut context only where much is said, a
changed tool only where one is called; other weights or another prompt show everywhere. A suite
marks its cases by `group`: retrieval, long, tool; any other group asks the model alone.
"""

import math
from collections.abc import Mapping

_SHOWS = 20.0  # to one: a group of questions whose answers have changed
_QUIET = 3.0  # to one, at the most: a group whose answers show nothing
_SUSPECTS = {
    "retrieval": "the corpus, or what is retrieved from it",
    "long": "how much of a long input the model is given",
    "tool": "a tool, or how its result is used",
}


def likely_culprit(evidence: Mapping[str, float], answers: Mapping[str, int]) -> str:
    """A few words on which component is likely, or '' where the groups do not tell.

    evidence: by group, so many to one that its answers have changed. answers: so many were bet on.
    """
    shows = showing(evidence)
    if len(shows) > 1:
        return f"{_listed(shows)} questions alike: probably the model or its prompt"
    if len(shows) == 1 and 0 < len(quiet(evidence, answers)) == len(evidence) - 1:
        suspect = _SUSPECTS.get(shows[0])
        alone = f"{shows[0]} questions alone"
        return f"{alone}: probably {suspect}" if suspect else alone
    return ""


def showing(evidence: Mapping[str, float]) -> list[str]:
    """The groups whose answers have changed, sorted."""
    return sorted(group for group, odds in evidence.items() if odds >= _SHOWS)


def quiet(evidence: Mapping[str, float], answers: Mapping[str, int]) -> list[str]:
    """The groups whose answers have not changed, sorted; none where no group shows.

    A group that was asked too seldom to show anything yet is not quiet.
    """
    return sorted(group for group, part in heard(evidence, answers).items() if part >= 1)


def heard(evidence: Mapping[str, float], answers: Mapping[str, int]) -> dict[str, float]:
    """Of groups that show nothing, which part of the answers was heard that they need to show.

    At the pace of the slowest group that has shown, and at most 1; empty where none has.
    """
    paces = [_answers_to_show(evidence[group], answers[group]) for group in showing(evidence)]
    needed = max(paces, default=0)
    return {
        group: min(1.0, answers.get(group, 0) / needed)
        for group, odds in evidence.items()
        if needed and odds <= _QUIET
    }


def _answers_to_show(odds: float, answers: int) -> int:
    """After how many answers a group shows, at the pace of one that has."""
    return math.ceil(answers * math.log(_SHOWS) / math.log(odds))


def _listed(groups: list[str]) -> str:
    return f"{', '.join(groups[:-1])} and {groups[-1]}"
