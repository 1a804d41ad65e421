"""One run is one folder: what is in it, and how it is read and written."""

import json
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from gameday.domain.alerts import Sighting
from gameday.domain.errors import FileError
from gameday.domain.gate import Call
from gameday.domain.incident import Alerted
from gameday.domain.reading import Reading
from gameday.domain.record import Event, RunRecord, ServedEntry, Told
from gameday.domain.reference import Reference
from gameday.domain.result import Result
from gameday.domain.runbook_record import RunbookRecord
from gameday.domain.sample import Sample
from gameday.domain.samples import Samples
from gameday.domain.vitals import Vital
from gameday.store.atomic import locked, write_whole
from gameday.store.lines import parse_line, parse_lines
from gameday.store.redaction import USUAL, Redactor
from gameday.store.samples import SampleWriter, find_blocks, join_files
from gameday.store.vitals import read_vitals

AUTHORS = ("workflow", "injector", "probes")
# What can be judged again, and the documents of the last judging; see `evidence_files`.
_EVIDENCE = (
    "samples/*.columns", "vitals/*.jsonl", "segments/*.jsonl", "served/*.json", "calls/*.jsonl",
    "record.json", "runbook.json", "alerted.json", "reference.json", "readings.jsonl",
    "alerts.jsonl", "journal.jsonl", "findings.jsonl", "report.md", "report.html",
)  # fmt: skip
_ENTRIES = TypeAdapter(tuple[ServedEntry, ...])


class RunFolder:
    """The folder of one run. Every file but the samples is written whole or not at all."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.samples_folder = self.path / "samples"
        self.record_file = self.path / "record.json"
        self.result_file = self.path / "result.json"
        self.runbook_file = self.path / "runbook.json"
        self.journal_file = self.path / "journal.jsonl"
        self.markdown_file = self.path / "report.md"
        self.html_file = self.path / "report.html"
        self.bundle_file = self.path / "bundle.zip"
        self.pruned_file = self.path / "pruned"
        self.public_key_file = self.path / "reporter.pub"
        self._reference_file = self.path / "reference.json"
        self.findings_file = self.path / "findings.jsonl"
        self._told_file = self.path / "told.json"
        self._alerted_file = self.path / "alerted.json"
        self._readings_file = self.path / "readings.jsonl"
        self._sightings_file = self.path / "alerts.jsonl"

    @property
    def run_id(self) -> str:
        return self.path.name

    def review_file(self, ending: str) -> Path:
        """Of the review, which is written anew as actions come and go: md, html, or json."""
        return self.path / f"review.{ending}"

    def samples_file(self, generator: int = 0) -> Path:
        """Where one process of the load writes its samples."""
        return self.samples_folder / f"{generator}.columns"

    def samples_files(self) -> list[Path]:
        """Those that are there, in the order of their generators."""
        return sorted(self.samples_folder.glob("*.columns"), key=lambda path: int(path.stem))

    def append_samples(self, samples: Iterable[Sample]) -> None:
        """Append samples to the files of their generators. One process writes each at a time."""
        with ExitStack() as opened:
            writers: dict[int, SampleWriter] = {}
            for sample in samples:
                if sample.generator not in writers:
                    writer = SampleWriter(self.samples_file(sample.generator))
                    writers[sample.generator] = opened.enter_context(writer)
                writers[sample.generator].write(sample)

    def read_samples(self) -> Samples:
        """Those of all generators, as if one had sent them all."""
        if (self.path / "samples.jsonl").exists():
            raise FileError(
                f"{self.path}  holds samples of a version before 0.2, one JSON line each",
                next_step="judge the run with the version that made it",
            )
        return join_files([find_blocks(path) for path in self.samples_files()])

    def follow_samples(self) -> "SampleTail":
        """From the first one on, each once."""
        return SampleTail(self)

    def vitals_file(self, generator: int) -> Path:
        """Where one process of the load notes what it spends."""
        return self.path / "vitals" / f"{generator}.jsonl"

    def read_vitals(self) -> tuple[Vital, ...]:
        """Those of all the load's processes; none of a run before there were any."""
        return read_vitals(self.path / "vitals")

    def write_events(self, author: str, events: Sequence[Event]) -> None:
        """Add to one author's segment. Repeatable: an event replaces the one of its seq."""
        foreign = {event.author for event in events} - {author}
        if foreign or author not in AUTHORS:
            raise ValueError(f"{author} cannot write events of {', '.join(sorted(foreign)) or '?'}")
        with locked(self._segment(author)):  # several generators write for the probes
            by_seq = {event.seq: event for event in (*self.read_events(author), *events)}
            lines = [by_seq[seq].model_dump_json() + "\n" for seq in sorted(by_seq)]
            write_whole(self._segment(author), "".join(lines).encode())

    def read_events(self, author: str) -> tuple[Event, ...]:
        """One author's events; empty when it left no segment, which `has_segment` tells apart."""
        path = self._segment(author)
        return parse_lines(Event, path.read_bytes(), path) if path.exists() else ()

    def has_segment(self, author: str) -> bool:
        return self._segment(author).exists()

    def write_record(self, record: RunRecord) -> None:
        write_whole(self.record_file, record.model_dump_json(indent=1).encode())

    def read_record(self) -> RunRecord:
        """Read what the run's workflow remembers. Raises FileError when there is none."""
        return parse_line(RunRecord, self._read(self.record_file), str(self.record_file))

    def write_reference(self, reference: Reference) -> None:
        """Keep the recorded reference that the run's answers are compared with."""
        write_whole(self._reference_file, reference.model_dump_json(indent=1).encode())

    def read_reference(self) -> Reference | None:
        """None where the run compares with its own baseline. Raises FileError for a damaged one."""
        if not self._reference_file.exists():
            return None
        return parse_line(Reference, self._read(self._reference_file), str(self._reference_file))

    def write_result(self, result: Result) -> None:
        write_whole(self.result_file, self.as_written(result))

    def as_written(self, result: Result) -> bytes:
        return result.model_dump_json(indent=1).encode() + b"\n"

    def evidence_files(self) -> list[Path]:
        """All that a run was judged from and what was written of it, but for the result."""
        found = [path for pattern in _EVIDENCE for path in self.path.glob(pattern)]
        return [path for path in found if not path.name.startswith(".")]

    def read_result(self) -> Result:
        """Read the result of the last judging. Raises FileError when there is none."""
        return parse_line(Result, self._read(self.result_file), str(self.result_file))

    def write_runbook(self, record: RunbookRecord) -> None:
        """Keep how a runbook was played: of a run of its own, or of a drill's response."""
        write_whole(self.runbook_file, record.model_dump_json(indent=1, by_alias=True).encode())

    def read_runbook(self) -> RunbookRecord:
        """Raises FileError when no runbook was played in this run."""
        return parse_line(RunbookRecord, self._read(self.runbook_file), str(self.runbook_file))

    def write_alerted(self, alert: Alerted) -> None:
        """Keep the alert that a drill's response has waited for; the first one counts."""
        if not self._alerted_file.exists():
            write_whole(self._alerted_file, alert.model_dump_json(indent=1).encode() + b"\n")

    def read_alerted(self) -> Alerted | None:
        """None while none has come."""
        path = self._alerted_file
        return parse_line(Alerted, path.read_bytes(), str(path)) if path.exists() else None

    def write_told(self, told: Told) -> None:
        write_whole(self._told_file, told.model_dump_json(indent=1).encode() + b"\n")

    def read_told(self) -> Told | None:
        """Whether a hook was told of the run's end; None where nobody has tried."""
        path = self._told_file
        return parse_line(Told, path.read_bytes(), str(path)) if path.exists() else None

    def write_served_log(self, provider: str, entries: Sequence[ServedEntry]) -> None:
        """Keep a provider's own log of what it served; the last one written counts."""
        write_whole(self._served(provider), _ENTRIES.dump_json(tuple(entries)))

    def read_served_log(self) -> dict[str, tuple[ServedEntry, ...]]:
        """By provider; one that has no log is missing."""
        files = sorted((self.path / "served").glob("*.json"))
        return {file.stem: _read_entries(file) for file in files}

    def write_calls(self, provider: str, calls: Sequence[Call]) -> None:
        """Keep the calls that a provider's gate saw; the last ones written count."""
        lines = [call.model_dump_json() + "\n" for call in calls]
        write_whole(self._calls(provider), "".join(lines).encode())

    def read_calls(self) -> dict[str, tuple[Call, ...]]:
        """By provider; one without a gate, or whose gate's log could not be read, is missing."""
        files = sorted((self.path / "calls").glob("*.jsonl"))
        return {file.stem: parse_lines(Call, file.read_bytes(), file) for file in files}

    def add_readings(self, readings: Iterable[Reading], redactor: Redactor = USUAL) -> None:
        """Keep what other systems measured; one of the same part and window is replaced."""
        told = [
            one.model_copy(
                update={"raw": redactor.text(one.raw), "problem": redactor.text(one.problem)}
            )
            for one in readings
        ]
        kept = {(r.slo, r.window, r.part): r for r in (*self.read_readings(), *told)}
        lines = [reading.model_dump_json() + "\n" for reading in kept.values()]
        write_whole(self._readings_file, "".join(lines).encode())

    def read_readings(self) -> tuple[Reading, ...]:
        """What other systems measured; empty where nothing of them was asked for."""
        path = self._readings_file
        return parse_lines(Reading, path.read_bytes(), path) if path.exists() else ()

    def add_sightings(self, sightings: Iterable[Sighting], redactor: Redactor = USUAL) -> None:
        """Keep what was seen of alerts, after what was kept before."""
        told = [one.model_copy(update={"detail": redactor.text(one.detail)}) for one in sightings]
        kept = (*self.read_sightings(), *told)
        lines = [seen.model_dump_json() + "\n" for seen in kept]
        write_whole(self._sightings_file, "".join(lines).encode())

    def read_sightings(self) -> tuple[Sighting, ...]:
        """What was seen of alerts, in order of time; empty where nobody looked."""
        path = self._sightings_file
        seen = parse_lines(Sighting, path.read_bytes(), path) if path.exists() else ()
        return tuple(sorted(seen, key=lambda sighting: sighting.at))

    def _calls(self, provider: str) -> Path:
        return self.path / "calls" / f"{provider}.jsonl"

    def _segment(self, author: str) -> Path:
        return self.path / "segments" / f"{author}.jsonl"

    def _served(self, provider: str) -> Path:
        return self.path / "served" / f"{provider}.json"

    def _read(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            raise FileError(
                f"{path} is not there: run {self.run_id} has not got so far, or is not here",
                next_step="gameday list",
            ) from None


class SampleTail:
    """Reads along while the load's processes write."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._offsets: dict[Path, int] = {}

    def read(self) -> Samples:
        """Those that were written since the last time."""
        paths = self._folder.samples_files()
        found = [find_blocks(path, self._offsets.get(path, 0)) for path in paths]
        self._offsets.update((blocks.path, blocks.end) for blocks in found)
        return join_files(found)


def _read_entries(path: Path) -> tuple[ServedEntry, ...]:
    try:
        return _ENTRIES.validate_json(path.read_bytes())
    except (ValidationError, json.JSONDecodeError) as error:
        raise FileError(
            f"{path}  is not a provider's log: {str(error).splitlines()[0]}",
            next_step=f"remove {path} and judge again; who served is then not cross-checked",
        ) from error
