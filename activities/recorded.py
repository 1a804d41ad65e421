"""Brings the recorded reference to a run whose drill compares with it."""

from datetime import UTC, datetime
from pathlib import Path

from gameday.catalog.suite_files import suite_digest
from gameday.domain.drill import Drill
from gameday.domain.errors import RefusedError
from gameday.domain.record import RunRequest
from gameday.store.references import References
from gameday.store.run_folder import RunFolder


def keep_reference(request: RunRequest, state: Path) -> None:
    """Put the reference into the run's folder, where the drill asks for it.

    Raises RefusedError when there is none, or none that can be compared with.
    """
    if not _compares_with_record(request.drill):
        return
    target, suite = request.target.target, request.drill.load.suite
    where = f"{suite} at {target}/{request.environment}"
    reference = References(state).last(target, request.environment, suite)
    if reference is None:
        raise RefusedError(
            f"{request.drill.drill} compares with a recorded reference, and none was recorded of "
            f"{where}",
            next_step="gameday record",
        )
    if why := reference.why_not(suite_digest(Path(request.suite_file)), datetime.now(UTC)):
        raise RefusedError(
            f"{request.drill.drill} compares with what was recorded of {where}: {why}",
            next_step="gameday record",
        )
    RunFolder(request.folder).write_reference(reference)


def _compares_with_record(drill: Drill) -> bool:
    stated = [check.settings.get("reference") for check in drill.checks]
    return "recorded" in (*stated, drill.detect.reference if drill.detect else "")
