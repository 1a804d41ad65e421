"""How many answers only repeat an earlier one: what a response cache looks like from outside."""

from collections.abc import Mapping, Sequence


def share_of_repeats(
    answers: Mapping[str, Sequence[str]], before: Mapping[str, Sequence[str]] | None = None
) -> float | None:
    """The share of answers, by case, that are the same as one given earlier, or given `before`.

    The first answer to a case that was never asked before cannot repeat any, and does not count.
    None when there is no other. Answers are compared by their sketches, so by how they begin.
    """
    repeated = counted = 0
    for case, sketches in answers.items():
        known = set((before or {}).get(case, ()))
        for sketch in sketches:
            if known:
                counted += 1
                repeated += sketch in known
            known.add(sketch)
    return repeated / counted if counted else None
