"""Loads a suite, and makes each case ready: defaults merged, variables filled in, scorers tried."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gameday.catalog import kinds
from gameday.catalog.loading import fit_spec, located, whole
from gameday.catalog.misfit import Misfit, fit
from gameday.catalog.promptfoo import is_promptfoo, suite_of
from gameday.catalog.templates import render, render_all
from gameday.catalog.yaml_reader import Document, Where, read_file
from gameday.domain.scoring import Rated, RatedSet
from gameday.domain.suite import Case, Entry, ScorerSpec, Suite

_ABOVE_0 = "with a weight above 0"


def load_suite(path: Path | str) -> Suite:
    """The suite in `path`, with every scorer tried and every case whole. Raises FileError.

    A promptfoo configuration is taken for the suite that it describes.
    """
    document = read_file(Path(path), next_step="gameday schema suite")
    try:
        if is_promptfoo(document.raw):
            return suite_of(document.raw, Path(path))
        return _resolved(document, whole(Suite, document))
    except Misfit as misfit:
        raise located(document, misfit) from misfit


def suite_digest(path: Path) -> str:
    """sha256 over the suite's file as it is."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def rated(case: Case) -> RatedSet:
    """The scorers of a loaded case, made and named; two of one name are told apart by a number."""
    names = _Names()
    return RatedSet(
        case.case, tuple(_rated(entry, names) for entry in case.scorers), pass_at=case.pass_at
    )


def rated_alone(name: str, spec: ScorerSpec) -> Rated:
    """One scorer under a name of its own, as a check asks for it."""
    scorer = kinds.scorers.make(spec)
    return Rated(name, scorer, spec.weight, spec.at_least, spec.negated)


class _Names:
    """Gives each scorer of a case a name of its own."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def give(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}-{number}"
        self._taken.add(name)
        return name


def _rated(entry: Entry, names: _Names) -> Rated | RatedSet:
    if isinstance(entry, ScorerSpec):
        return rated_alone(names.give(entry.name or entry.kind), entry)
    name = names.give(entry.name or "set")
    members = tuple(_rated(member, names) for member in entry.set)
    return RatedSet(name, members, entry.weight, entry.pass_at)


def _resolved(document: Document, suite: Suite) -> Suite:
    _refuse_duplicate_cases(document, suite)
    cases = tuple(
        _resolved_case(document, suite, number, case) for number, case in enumerate(suite.cases)
    )
    for number, case in enumerate(cases):
        _require_models(suite, number, case)
    return suite.model_copy(update={"cases": cases})


def _refuse_duplicate_cases(document: Document, suite: Suite) -> None:
    first: dict[str, int] = {}
    for number, case in enumerate(suite.cases):
        if first.setdefault(case.case, number) != number:
            line = document.values["cases", first[case.case], "case"].line
            sentence = f"duplicate case {case.case!r}; the first is on line {line}"
            raise Misfit(("cases", number, "case"), sentence)


def _resolved_case(document: Document, suite: Suite, number: int, case: Case) -> Case:
    where = ("cases", number)
    defaults = suite.defaults
    variables: dict[str, Any] = {**defaults.vars, **case.vars}
    if case.expected is not None:
        variables["expected"] = _filled((*where, "expected"), case.expected, variables)
    entries = [*_placed(("defaults", "scorers"), defaults.scorers)]
    entries += _placed((*where, "scorers"), case.scorers)
    scorers = tuple(_entry(document, place, entry, variables) for place, entry in entries)
    if not any(entry.weight for entry in scorers):
        raise Misfit(where, f"no scorer counts; expected one {_ABOVE_0} here or in `defaults`")
    raw = case.model_dump(exclude={"scorers"}, exclude_none=True, by_alias=True)
    filled = {**raw, **_asked(where, case, variables)}
    for label in ("group", "feature", "tenant"):
        filled.setdefault(label, getattr(defaults, label))
    filled.setdefault("pass_at", suite.pass_at)
    try:
        whole_case = fit(Case, filled)
    except Misfit as misfit:
        raise misfit.under(where) from misfit
    return whole_case.model_copy(update={"scorers": scorers})


def _require_models(suite: Suite, number: int, case: Case) -> None:
    """Refuse a scorer that would ask a model which the suite does not name."""
    for entry in case.scorers:
        for spec in (entry,) if isinstance(entry, ScorerSpec) else entry.set:
            needed = kinds.scorers.make(spec).needs_model
            if needed and getattr(suite, needed) is None:
                said = f"the scorer {spec.kind!r} asks a model; expected `{needed}: {{url, model}}`"
                raise Misfit(("cases", number), f"{said} at the top of the suite")


def _placed(where: Where, entries: tuple[Entry, ...]) -> Iterator[tuple[Where, Entry]]:
    return (((*where, position), entry) for position, entry in enumerate(entries))


def _asked(where: Where, case: Case, variables: dict[str, Any]) -> dict[str, Any]:
    if case.question is not None:
        return {"question": _filled((*where, "question"), case.question, variables)}
    turns = enumerate(case.turns)
    return {"turns": [_filled((*where, "turns", n), turn, variables) for n, turn in turns]}


def _filled(where: Where, text: str, variables: dict[str, Any]) -> str:
    if not variables:  # a question may be about templates
        return text
    try:
        return render(text, variables)
    except ValueError as error:
        raise Misfit(where, str(error)) from error


def _entry(document: Document, where: Where, entry: Entry, variables: dict[str, Any]) -> Entry:
    if isinstance(entry, ScorerSpec):
        return _spec(document, where, entry, variables)
    members = enumerate(entry.set)
    if not any(spec.weight for spec in entry.set):
        raise Misfit(where, f"no scorer of the set counts; expected one {_ABOVE_0}")
    filled = [_spec(document, (*where, "set", n), spec, variables) for n, spec in members]
    return entry.model_copy(update={"set": tuple(filled)})


def _spec(
    document: Document, where: Where, spec: ScorerSpec, variables: dict[str, Any]
) -> ScorerSpec:
    settings = spec.settings
    for key in settings if variables else ():
        try:
            settings = {**settings, key: render_all(settings[key], variables)}
        except ValueError as error:
            raise Misfit((*where, key), str(error)) from error
    filled = spec.model_copy(update={"settings": settings})
    fit_spec(document, kinds.scorers, where, filled)
    return filled
