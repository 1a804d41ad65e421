"""hey, on one core: Go; each of its workers waits for its answer before it asks again."""

import re
from pathlib import Path

from bench.load.clients import CONNECTIONS, Said, url
from bench.load.running import Command
from bench.programs import PROGRAMS
from bench.wire import HEADERS, question_body
from gameday.domain.errors import StartError

_PROGRAM = PROGRAMS / "hey"
_VERSION = PROGRAMS.parent / "debian" / "hey.version"
_WORKERS = 50  # its default
_QUANTILE = re.compile(r"^\s*(\d+)% in (\d+\.\d+) secs$", re.MULTILINE)
_STATUS = re.compile(r"^\s*\[200\]\s+(\d+) responses$", re.MULTILINE)


class Hey:
    name = "hey"
    keeps_rates = False  # each worker has its own, and starts none while it waits

    def version(self) -> str:
        return _VERSION.read_text().strip() if _PROGRAM.is_file() else ""

    def closed(self, port: int, lasts_s: float, folder: Path) -> Command:
        return self._command(port, lasts_s, folder, ["-c", str(CONNECTIONS)])

    def paced(self, port: int, rate_per_s: int, lasts_s: float, folder: Path) -> Command:
        rate = f"{rate_per_s / _WORKERS:g}"  # of each worker
        return self._command(port, lasts_s, folder, ["-c", str(_WORKERS), "-q", rate])

    def read(self, output: str) -> Said:
        found = {rank: 1000 * float(seconds) for rank, seconds in _QUANTILE.findall(output)}
        answered = _STATUS.search(output)
        if answered is None:
            raise StartError("hey got no good answer")
        return Said(
            answered=int(answered[1]), p50_ms=found["50"], p95_ms=found["95"], p99_ms=found["99"]
        )

    def _command(self, port: int, lasts_s: float, folder: Path, flags: list[str]) -> Command:
        body = folder / "body.json"
        body.write_bytes(question_body())
        headers = [word for name, value in HEADERS.items() for word in ("-H", f"{name}: {value}")]
        argv = [str(_PROGRAM), "-cpus", "1", "-z", f"{lasts_s:g}s", "-m", "POST", *headers]
        return Command(self.name, [*argv, "-D", str(body), *flags, url(port)])
