"""What each component stood at before a run, while it was changed, and after."""

from collections.abc import Iterator, Sequence

from gameday.domain.component import Version
from gameday.domain.drill import COMPONENT
from gameday.domain.lease import FaultRecord
from gameday.domain.record import RunRecord
from gameday.domain.result import ComponentResult


def changed_components(record: RunRecord) -> Iterator[ComponentResult]:
    """Each component that a fault or a step has changed, as its injector read it."""
    held = [one for one in (*record.faults, *record.steps) if one.on.startswith(COMPONENT)]
    for on in dict.fromkeys(one.on for one in held):
        yield _changed(on, [one for one in held if one.on == on])


def _changed(on: str, held: Sequence[FaultRecord]) -> ComponentResult:
    """held: the fault first, then the step that was set upon it."""
    first, last = held[0], max(held, key=lambda one: str(one.cleared_at or ""))
    before, during = _version(first, "version_at_arm"), _version(first, "version_while")
    after = _version(last, "version_after")
    if during is None:  # a step alone: what it has set
        during = _version(first, "version_at_clear")
    return ComponentResult(
        on=on, before=before, during=during, after=after, sentence=_sentence(before, after)
    )


def _sentence(before: Version | None, after: Version | None) -> str:
    if before is None or after is None:
        return "whether it is as before is not known: it was not read"
    if before.digest == after.digest:
        return f"exactly as before, digest {before.digest}"
    return (
        "what this run changed is put back, and something else there is not as before: somebody "
        f"has changed it meanwhile: digest {before.digest}, now {after.digest}"
    )


def _version(held: FaultRecord, when: str) -> Version | None:
    told = held.evidence.get(when)
    return Version.model_validate(told) if told else None
