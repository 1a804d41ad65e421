"""Keeps the recorded references of each target, environment and suite in the state folder.

The one that counts is `TARGET.ENVIRONMENT.SUITE.json`; those it has replaced lie beside it, each
under its digest.
"""

from pathlib import Path

from pydantic import ValidationError

from gameday.domain.errors import FileError
from gameday.domain.reference import Reference
from gameday.store.atomic import locked, write_whole

_RECORD = "gameday record --accept"


class References:
    """The references in one state folder."""

    def __init__(self, state: Path) -> None:
        self._folder = state / "references"

    def file(self, target: str, environment: str, suite: str) -> Path:
        return self._folder / f"{target}.{environment}.{suite}.json"

    def last(self, target: str, environment: str, suite: str) -> Reference | None:
        """The one that counts; None where nothing was recorded yet.

        Raises FileError for one that cannot be read, or that is not as it was written.
        """
        file = self.file(target, environment, suite)
        return read_reference(file) if file.exists() else None

    def keep(self, reference: Reference) -> Path:
        """Make it the one that counts. The one before stays beside it, under its digest."""
        about = reference.about
        file = self.file(about.target, about.environment, about.suite)
        with locked(file):
            if file.exists():
                replaced = about.replaces[:12] or "unknown"
                write_whole(file.with_name(f"{file.stem}.{replaced}.json"), file.read_bytes())
            write_whole(file, reference.model_dump_json(indent=1).encode())
        return file


def read_reference(file: Path) -> Reference:
    """A recording, wherever it lies.

    Raises FileError for one that cannot be read, or that is not as it was written.
    """
    try:
        reference = Reference.model_validate_json(file.read_bytes())
    except OSError as error:
        raise FileError(f"{file}  cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "as a whole"
        raise FileError(
            f"{file}  is no recording of this version: {where}: {first['msg']}", next_step=_RECORD
        ) from error
    if reference.digest != reference.digest_now():
        raise FileError(
            f"{file}  is not as it was written: its digest does not fit", next_step=_RECORD
        )
    return reference
