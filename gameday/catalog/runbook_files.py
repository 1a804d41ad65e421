"""Loads runbook files: inputs filled in, every item tried, and every answer led somewhere."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gameday
from gameday.catalog import kinds
from gameday.catalog.loading import fit_spec, located, whole
from gameday.catalog.misfit import Misfit, show
from gameday.catalog.nearest import did_you_mean
from gameday.catalog.yaml_reader import Document, Where, read_file
from gameday.domain.errors import FileError
from gameday.domain.filling import fill_all, words_in
from gameday.domain.runbook import OTHERWISE, Ask, Do, Runbook
from gameday.domain.runbook_request import Sort

_SHIPPED = Path(gameday.__file__).resolve().parents[1] / "runbooks"


def load_runbook(path: Path | str, inputs: Mapping[str, str] | None = None) -> Runbook:
    """The runbook in `path`, with `inputs` filled in, and every item tried. Raises FileError."""
    document = read_file(Path(path), next_step="gameday schema runbook")
    try:
        _fill(document, inputs or {})
        runbook = whole(Runbook, document)
        for position, item in enumerate(runbook.play):
            where = ("play", position)
            if isinstance(item, Ask):
                _fit_question(document, where, item)
            else:
                _fit_deed(document, where, item)
    except Misfit as misfit:
        raise located(document, misfit) from misfit
    return runbook


def find_runbook(name_or_path: Path | str) -> Path:
    """A path as it is; a name in ./runbooks, else among the shipped ones. Raises FileError."""
    text = str(name_or_path)
    if text.endswith((".yaml", ".yml")):
        return Path(text)
    known = _files()
    if text not in known:
        raise FileError(
            f"unknown runbook {text!r}{did_you_mean(text, known)}",
            next_step="gameday list runbooks",
        )
    return known[text]


def runbook_names() -> list[tuple[str, str, Path]]:
    """Name, title and path of each; a file that is wrong says so in place of its title."""
    return [(name, _title(path), path) for name, path in sorted(_files().items())]


def sort_of(item: Ask | Do) -> Sort:
    """What an item is; a deed that is no errand and no wait is taken for a step."""
    if isinstance(item, Ask):
        return "question"
    if item.kind in dict(kinds.errands.kinds()):
        return "errand"
    return "wait" if item.kind in dict(kinds.waits.kinds()) else "step"


def _files() -> dict[str, Path]:
    """By name; a runbook in the current directory hides a shipped one of the same name."""
    folders = (_SHIPPED, Path("runbooks"))
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.yaml"))}


def _title(path: Path) -> str:
    try:
        return load_runbook(path).title
    except FileError as error:
        return f"cannot be run: {error.sentence}"


def _fill(document: Document, told: Mapping[str, str]) -> None:
    """Put what was told, or else the defaults, in the place of `{{name}}`. Raises Misfit."""
    if not isinstance(document.raw, dict) or not isinstance(document.raw.get("play"), list):
        return
    declared = document.raw.get("inputs")
    declared = declared if isinstance(declared, dict) else {}
    for name in told:
        if name not in declared:
            raise Misfit(("inputs",), f"it has no input {name!r}{did_you_mean(name, declared)}")
    defaults = {name: one.get("default") for name, one in declared.items() if isinstance(one, dict)}
    words = {name: value for name, value in (defaults | dict(told)).items() if value is not None}
    for position, item in enumerate(document.raw["play"]):
        if lacking := [word for word in words_in(item) if word not in words]:
            raise Misfit(("play", position), _why_unfilled(lacking[0], declared))
        document.raw["play"][position] = fill_all(item, words)


def _why_unfilled(word: str, declared: Mapping[str, Any]) -> str:
    if word in declared:
        return f"the input {word!r} has no default, and nobody said it: --input {word}=..."
    return f"'{{{{{word}}}}}' is no input of it{did_you_mean(word, declared)}"


def _fit_question(document: Document, where: Where, item: Ask) -> None:
    question = fit_spec(document, kinds.questions, where, item)
    for answer in item.answers:
        if answer not in (*question.answers, OTHERWISE):
            known = ", ".join((*question.answers, OTHERWISE))
            raise Misfit(
                (*where, "answers", answer),
                f"the question {item.kind!r} never answers {answer!r}; expected one of {known}",
                at_key=True,
            )
    missing = [answer for answer in question.answers if answer not in item.answers]
    if item.answers and OTHERWISE not in item.answers and missing:
        raise Misfit(
            (*where, "answers"),
            f"nothing is said of the answer {' or '.join(map(repr, missing))}; expected it, or "
            "otherwise",
            at_key=True,
        )


def _fit_deed(document: Document, where: Where, item: Do) -> None:
    match sort_of(item):
        case "errand":
            fit_spec(document, kinds.errands, where, item)
            _refuse(item, where, "errand", ("on", "approvals", "attempts", "choices", "nobody"))
        case "wait":
            wait = fit_spec(document, kinds.waits, where, item)
            if wait.asks_people and not item.choices:
                raise Misfit(where, f"{item.kind} needs `choices`: each answer, and where it leads")
            own = ("choices", "nobody") if not wait.asks_people else ("if_not",)
            _refuse(item, where, "wait", ("on", "approvals", "attempts", *own))
            if wait.pause.until is not None:
                fit_spec(document, kinds.questions, (*where, "question"), wait.pause.until)
        case _:
            _fit_change(document, where, item)


def _fit_change(document: Document, where: Where, item: Do) -> None:
    """Raises Misfit where it is no step either, or is on something else than it changes."""
    known = {kind for each in (kinds.steps, kinds.errands, kinds.waits) for kind, _ in each.kinds()}
    if item.kind not in known:
        raise Misfit((*where, "do"), f"unknown step {item.kind!r}{did_you_mean(item.kind, known)}")
    step = fit_spec(document, kinds.steps, where, item)
    on = item.step.on
    if able := step.misplaced(on):
        place = (*where, "on") if item.on else where
        raise Misfit(place, f"step {item.kind!r} changes {able}, found {show(on)}")
    _refuse(item, where, "step", ("choices",))
    if item.nobody is not None and not item.approvals:
        raise Misfit(
            (*where, "nobody"), "nobody is asked about it; expected `approvals` beside `nobody`"
        )


def _refuse(item: Do, where: Where, sort: str, keys: tuple[str, ...]) -> None:
    """Raises Misfit where one of the keys is said of a deed that has no use for it."""
    for key in keys:
        if key in item.model_fields_set:
            raise Misfit((*where, key), f"{item.kind!r} is {_an(sort)}, which has no {key!r}")


def _an(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
