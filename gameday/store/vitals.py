"""The vitals of the load's processes: a file each, one JSON line about every second."""

from pathlib import Path

from gameday.domain.vitals import Vital
from gameday.store.lines import parse_lines


class VitalsWriter:
    """Appends to the file of one generator."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)

    def write(self, vital: Vital) -> None:
        self._file.write(vital.model_dump_json().encode() + b"\n")

    def close(self) -> None:
        self._file.close()


def read_vitals(folder: Path) -> tuple[Vital, ...]:
    """Those of all generators. A line that a killed one never finished is left out.

    Raises FileError that names a line that is none.
    """
    return tuple(
        vital
        for path in sorted(folder.glob("*.jsonl"))
        for vital in parse_lines(Vital, _whole_lines(path.read_bytes()), path)
    )


def _whole_lines(content: bytes) -> bytes:
    return content[: content.rfind(b"\n") + 1]
