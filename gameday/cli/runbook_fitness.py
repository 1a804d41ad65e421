"""Whether a runbook fits a target, and a drill; and what its workflow is told of its items."""

from pathlib import Path
from typing import Any

from gameday.catalog.kinds import errands, questions, steps, waits
from gameday.catalog.runbook_files import find_runbook, load_runbook, sort_of
from gameday.domain.drill import Drill
from gameday.domain.errors import FileError
from gameday.domain.runbook import Ask, Do, Runbook
from gameday.domain.target import Target


def what_items_are(runbook: Runbook) -> dict[str, Any]:
    """What a workflow is told of a runbook, as it makes nothing of kinds itself."""
    asks = [item for item in runbook.play if isinstance(item, Ask)]
    sorts = {item.name: sort_of(item) for item in runbook.play}
    does = [item for item in runbook.play if isinstance(item, Do)]
    changes = [item for item in does if sorts[item.name] == "step"]
    return {
        "runbook": runbook,
        "digest": runbook.digest,
        "sorts": sorts,
        "pauses": {one.name: waits.make(one).pause for one in does if sorts[one.name] == "wait"},
        "well": {item.name: tuple(sorted(questions.make(item).well)) for item in asks},
        "go_before": tuple(item.name for item in changes if steps.make(item).goes_before),
        "left_out": tuple(
            item.name
            for item in does
            if sorts[item.name] == "errand" and not errands.make(item).in_drill
        ),
    }


def require_fitting(
    runbook: Runbook, target: Target, runbook_file: Path, target_file: Path
) -> None:
    """Raises FileError where the target cannot answer a question, or lacks what a step changes."""
    for item in runbook.play:
        why = _why_not(item, target)
        if why:
            raise FileError(
                f"{runbook_file}: item {item.name!r} is not for {target_file}: {why}",
                next_step=f"add it in {target_file}, or take the item out of a copy in runbooks/",
            )


def _why_not(item: Ask | Do, target: Target) -> str:
    if isinstance(item, Ask):
        return questions.make(item).cannot_be_asked(target)
    if sort_of(item) == "wait":
        asked = waits.make(item).pause.until
        return questions.make(asked).cannot_be_asked(target) if asked else ""
    if sort_of(item) != "step":
        return ""
    kept = target.changeable
    if item.step.on not in kept:
        return f"it does not say what keeps {item.step.on} (it has: {', '.join(kept) or 'none'})"
    if steps.make(item).wanted(kept[item.step.on]) is None:
        return f"it does not say which version of {item.step.on} is the `previous` one"
    return ""


def runbook_of(
    drill: Drill, target: Target, drill_file: Path, target_file: Path
) -> tuple[Drill, Runbook | None]:
    """The drill with its runbook's steps as its own, and the runbook. Raises FileError."""
    stated = drill.respond_with
    if stated is None:
        return drill, None
    is_file = stated.runbook.endswith((".yaml", ".yml"))
    runbook_file = find_runbook(drill_file.parent / stated.runbook if is_file else stated.runbook)
    runbook = load_runbook(runbook_file, stated.inputs)
    require_fitting(runbook, target, runbook_file, target_file)
    _require_known(stated.digest, runbook, drill_file, runbook_file)
    changes = [item for item in runbook.play if isinstance(item, Do) and sort_of(item) == "step"]
    planned = {
        "digest": runbook.digest,
        "changes_max": runbook.changes_max({item.name for item in changes}),
    }
    known = {
        "respond": tuple(item.step for item in changes),
        "respond_with": stated.model_copy(update=planned),
    }
    return drill.model_copy(update=known), runbook


def _require_known(digest: str, runbook: Runbook, drill_file: Path, runbook_file: Path) -> None:
    if digest and digest != runbook.digest:
        raise FileError(
            f"{drill_file} responds with the runbook of digest {digest[:12]}, and {runbook_file} "
            f"has {runbook.digest[:12]}",
            next_step=f"look what has changed, then `digest: {runbook.digest}`",
        )
