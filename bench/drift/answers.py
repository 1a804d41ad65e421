"""Reads recorded answers of a model and of changed ones: one JSON object a line.

`v` variant, `p` prompt, `i` sample (-1: greedy, left out), `c` text, `ok` pass or fail (0 or 1;
missing where nobody can tell).
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gameday.domain.errors import FileError
from gameday.domain.sketch import sketch_of

REFERENCE = "base"
_GREEDY = -1


@dataclass(frozen=True)
class Answers:
    """One variant's by prompt: sketches of all, and the scores of those that have one."""

    sketches: dict[str, list[str]]
    scores: dict[str, list[float]]


def read_answers(file: Path) -> dict[str, Answers]:
    """By variant, in the order of the file. Raises FileError that names the line."""
    sketches: dict[str, defaultdict[str, list[str]]] = {}
    scores: dict[str, defaultdict[str, list[float]]] = {}
    for number, line in enumerate(_lines(file), start=1):
        variant, prompt, sample, text, score = _entry(file, number, line)
        own = sketches.setdefault(variant, defaultdict(list))
        own_scores = scores.setdefault(variant, defaultdict(list))
        if sample == _GREEDY:
            continue
        own[prompt].append(sketch_of(text))
        if score is not None:
            own_scores[prompt].append(float(score))
    if REFERENCE not in sketches:
        raise FileError(
            f"{file}  has no answers of the variant {REFERENCE!r}, which the others are compared "
            f"with; found {', '.join(map(repr, sketches)) or 'no answer at all'}"
        )
    return {name: Answers(dict(own), dict(scores[name])) for name, own in sketches.items()}


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{file}  cannot be read: {error}") from error


def _entry(file: Path, number: int, line: str) -> tuple[str, str, int, str, int | None]:
    try:
        entry: Any = json.loads(line)
    except ValueError as error:
        raise FileError(f"{file}:{number}  is no JSON: {error}") from error
    match entry:
        case {"v": str(variant), "p": str(prompt), "i": int(sample), "c": str(text)}:
            score = entry.get("ok")
            if score in {None, 0, 1}:
                return variant, prompt, sample, text, score
            raise FileError(f"{file}:{number}  has ok {score!r}; expected 0, 1 or no such key")
    raise FileError(
        f"{file}:{number}  is no recorded answer; expected an object with the texts v, p and c, "
        "and the number i"
    )
