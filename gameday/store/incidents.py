"""Keeps incidents in the state folder, in `incidents.jsonl`: one line for each as it stands.

Whoever shares the state folder knows of them: the workers, `gameday serve`, the command line.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from gameday.domain.errors import FileError
from gameday.domain.incident import Incident
from gameday.store.atomic import locked, write_whole
from gameday.store.lines import parse_lines


class Incidents:
    """Those of one state folder. None is ever taken out."""

    def __init__(self, state: Path) -> None:
        self.file = state / "incidents.jsonl"

    def all(self) -> list[Incident]:
        """In the order in which they were opened. Raises FileError for a file that is none."""
        if not self.file.exists():
            return []
        return list(parse_lines(Incident, self.file.read_bytes(), self.file))

    def find(self, incident_id: str) -> Incident | None:
        return next((one for one in self.all() if one.id == incident_id), None)

    def get(self, incident_id: str) -> Incident:
        """Raises FileError where there is none of this id."""
        found = self.find(incident_id)
        if found is None:
            raise FileError(
                f"there is no incident {incident_id} in {self.file}",
                next_step="gameday incident list",
            )
        return found

    def open_on(self, target: str) -> list[Incident]:
        """Those that are open on a target, in whichever of its environments."""
        return [one for one in self.all() if one.open and one.target == target]

    def open(self, incident: Incident) -> Incident:
        """Keep a new one, or find the one of this id that is there; without an id, under one."""
        with locked(self.file):
            known = self.all()
            if not incident.id:
                incident = incident.model_copy(update={"id": _next_id(known)})
            found = next((one for one in known if one.id == incident.id), None)
            if found is None:
                self._write([*known, incident])
        return found or incident

    def change(self, incident_id: str, how: Callable[[Incident], Incident]) -> Incident:
        """Keep what `how` makes of it. Raises FileError where there is none of this id."""
        with locked(self.file):
            changed = how(self.get(incident_id))
            self._write([changed if one.id == incident_id else one for one in self.all()])
        return changed

    def run_ended(self, run: str, outcome: str, at: datetime) -> None:
        """The run of a runbook is over, and with it perhaps its incident."""
        for one in self.all():
            if run and one.run == run:
                self.change(one.id, lambda found: found.run_ended(outcome, at))

    def _write(self, incidents: list[Incident]) -> None:
        lines = [one.model_dump_json() + "\n" for one in incidents]
        write_whole(self.file, "".join(lines).encode())


def _next_id(known: list[Incident]) -> str:
    ids = {one.id for one in known}
    return next(one for number in range(1, len(ids) + 2) if (one := f"INC-{number}") not in ids)
