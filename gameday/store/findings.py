"""Keeps findings beside the runs, in `findings.jsonl`: every state that each was ever in."""

from pathlib import Path

from gameday.domain.errors import FileError
from gameday.domain.finding import Finding
from gameday.domain.result import Result
from gameday.store.atomic import locked, write_whole
from gameday.store.lines import parse_lines
from gameday.store.run_folder import RunFolder


class Findings:
    """Those of one folder of runs. Nothing is ever taken out; of each the last line counts."""

    def __init__(self, runs: Path) -> None:
        self.file = runs / "findings.jsonl"

    def all(self) -> list[Finding]:
        """As they stand, in the order in which they were opened."""
        return list({finding.id: finding for finding in self._lines()}.values())

    def about(self, result: Result) -> list[Finding]:
        """Those that a run's report tells: its own, those it was to show mended, and open ones.

        Open ones are of the same drill on the same target, whichever run showed them.
        """
        of = (result.drill, result.target, result.environment)
        return [
            one
            for one in self.all()
            if result.run_id in {one.run, *one.retests}
            or (one.closed_at is None and (one.drill, one.target, one.environment) == of)
        ]

    def keep_beside(self, folder: RunFolder, result: Result) -> list[Finding]:
        """Those of `about`, and a copy of them in the run's folder for its bundle."""
        found = self.about(result)
        if found or folder.findings_file.exists():
            lines = [one.model_dump_json() + "\n" for one in found]
            write_whole(folder.findings_file, "".join(lines).encode())
        return found

    def get(self, finding_id: str) -> Finding:
        """Raises FileError where there is none of this id."""
        for finding in self.all():
            if finding.id == finding_id:
                return finding
        raise FileError(
            f"there is no finding {finding_id} in {self.file}", next_step="gameday finding list"
        )

    def of_run(self, run: str) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.all() if finding.run == run)

    def open(self, finding: Finding) -> Finding:
        """Keep a new one, under an id of its own: the run's, and a number."""
        with locked(self.file):
            number = 1 + sum(one.run == finding.run for one in self.all())
            named = finding.model_copy(update={"id": f"{finding.run}-{number}"})
            self._add(named)
        return named

    def put(self, finding: Finding) -> None:
        """Keep what it has become."""
        with locked(self.file):
            self._add(finding)

    def _add(self, finding: Finding) -> None:
        lines = [one.model_dump_json() + "\n" for one in (*self._lines(), finding)]
        write_whole(self.file, "".join(lines).encode())

    def _lines(self) -> tuple[Finding, ...]:
        if not self.file.exists():
            return ()
        return parse_lines(Finding, self.file.read_bytes(), self.file)
