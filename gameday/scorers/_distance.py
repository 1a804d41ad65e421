"""The edit distance between two texts."""


def edit_distance(one: str, other: str) -> int:
    """Insertions, deletions and replacements of single characters that turn one into the other.

    A whole column of the usual table is two integers of one bit a row, so that a long answer costs
    one step a character. Source: Myers 1999, "A fast bit-vector algorithm for approximate string
    matching", in Hyyro's form for the whole distance.
    """
    if not one:
        return len(other)
    places: dict[str, int] = {}
    for row, character in enumerate(one):
        places[character] = places.get(character, 0) | 1 << row
    every, last = (1 << len(one)) - 1, 1 << (len(one) - 1)
    up, down, distance = every, 0, len(one)  # rows that grow, and shrink, against the one above
    for character in other:
        same = places.get(character, 0)
        straight = same | down
        aslant = (((same & up) + up) ^ up) | same
        grown = down | (~(aslant | up) & every)
        shrunk = up & aslant
        distance += bool(grown & last) - bool(shrunk & last)
        grown, shrunk = (grown << 1 | 1) & every, shrunk << 1 & every
        up, down = shrunk | (~(straight | grown) & every), grown & straight
    return distance
