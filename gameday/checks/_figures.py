"""Writes a figure beside the bound that it is held against, so that the two never look alike."""

_PLACES_MAX = 6


def beside(value: float, bound: float, places: int) -> str:
    """`value` with `places` decimals, or with as many more as tell it apart from `bound`.

    "no: 99.5 % (objective 99.5 %)" would send its reader looking for a bug.
    """
    while (
        places < _PLACES_MAX
        and value != bound
        and round(value, places) == round(bound, _PLACES_MAX)
    ):
        places += 1
    return f"{value:,.{places}f}"
