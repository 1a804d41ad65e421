"""Keeps the schedules of a state folder: what was applied, and what became of each slot."""

from collections.abc import Callable
from pathlib import Path

from gameday.domain.errors import FileError
from gameday.domain.schedule import ScheduleState
from gameday.store.atomic import locked, write_whole
from gameday.store.lines import parse_line


class Schedules:
    """Those of one state folder, a file each."""

    def __init__(self, state: Path) -> None:
        self._folder = state / "schedules"

    def all(self) -> list[ScheduleState]:
        """By name. Raises FileError for a damaged one."""
        return [self.get(path.stem) for path in sorted(self._folder.glob("*.json"))]

    def find(self, name: str) -> ScheduleState | None:
        path = self._file(name)
        return parse_line(ScheduleState, path.read_bytes(), str(path)) if path.exists() else None

    def get(self, name: str) -> ScheduleState:
        """Raises FileError where there is none of this name."""
        found = self.find(name)
        if found is None:
            known = ", ".join(path.stem for path in sorted(self._folder.glob("*.json")))
            raise FileError(
                f"there is no schedule {name} here; here are: {known or 'none'}",
                next_step="gameday schedule apply FILE",
            )
        return found

    def put(self, state: ScheduleState) -> None:
        with locked(self._file(state.scheduled.name)):
            self._write(state)

    def change(self, name: str, change: Callable[[ScheduleState], ScheduleState]) -> ScheduleState:
        """Read, change and write it while nobody else does. Raises FileError without one."""
        with locked(self._file(name)):
            changed = change(self.get(name))
            self._write(changed)
        return changed

    def told(self, name: str, notice: str) -> None:
        """The hook has taken it."""
        self.change(name, lambda state: state.model_copy(update={"told": (*state.told, notice)}))

    def remove(self, name: str) -> None:
        self._file(name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _write(self, state: ScheduleState) -> None:
        write_whole(self._file(state.scheduled.name), state.model_dump_json(indent=1).encode())
