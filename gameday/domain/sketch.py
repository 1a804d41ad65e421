"""A sketch of an answer: enough to tell whether two begin alike, and no text.

Answers are not kept, so that no prompt's or user's words lie in a run's folder. Of the beginning of
each the probes keep one number a word piece instead. Two sketches can be compared place by place,
as Model Equality Testing compares tokens (Gao, Liang and Guestrin, ICLR 2025, arXiv 2410.20247).

A sketch does not hide an answer from somebody who tries words until their numbers fit. It is as
confidential as the run's folder, and it cannot be read by accident.
"""

import re
import zlib
from itertools import islice

PIECES = 10  # of an answer's beginning: where a changed model shows, most of it shows by then
PIECES_MAX = 64
_DIGITS = 8  # of a piece's number, in hex

# Long words, and scripts that put no space between words, count as several pieces.
_PIECE = re.compile(r"\w{1,8}|[^\w\s]")


def sketch_of(text: str, pieces: int = PIECES) -> str:
    """The crc32 of each of the first word pieces of `text`, as hex digits in one string.

    A word piece is up to eight letters or digits of a word, or one other character that is no
    space. An answer that ends earlier has a shorter sketch. Spaces and line breaks do not count.
    """
    found = (match[0].encode("utf-8", "surrogatepass") for match in _PIECE.finditer(text))
    return "".join([f"{zlib.crc32(piece):08x}" for piece in islice(found, pieces)])


def similarity(one: str, other: str) -> float:
    """The share of places at which two sketches are the same, from 0 to 1 (Hamming).

    Of the places of the longer one: where only one answer goes on, they differ.
    """
    if one == other:
        return 1.0
    length = max(len(one), len(other))
    shorter = min(len(one), len(other))
    same = sum(
        one[place : place + _DIGITS] == other[place : place + _DIGITS]
        for place in range(0, shorter, _DIGITS)
    )
    return same * _DIGITS / length


def beginning(one: str, other: str) -> float:
    """The share of places, of the longer sketch, up to which both are the same."""
    if one == other:
        return 1.0
    same = 0
    while one[same : same + _DIGITS] == other[same : same + _DIGITS]:
        same += _DIGITS
    return same / max(len(one), len(other))
