"""aiohttp on uvloop: what one writes in Python with care, on our schedule or in a closed loop."""

import json
import subprocess
from pathlib import Path

from bench.load.clients import CONNECTIONS, Said, url
from bench.load.running import Command
from bench.load.truth import quantiles
from bench.programs import PROGRAMS
from bench.wire import HEADERS, question_body

_PYTHON = PROGRAMS / "python"
_PROGRAM = Path(__file__).with_name("aiohttp_program.py")


class Aiohttp:
    name = "aiohttp"
    keeps_rates = True

    def version(self) -> str:
        if not _PYTHON.is_file():
            return ""
        asked = "import aiohttp, uvloop; print(aiohttp.__version__)"
        said = subprocess.run([_PYTHON, "-c", asked], capture_output=True, text=True, check=False)
        return said.stdout.strip()

    def closed(self, port: int, lasts_s: float, folder: Path) -> Command:
        return self._command(port, folder, ["closed", f"{lasts_s:g}", str(CONNECTIONS)])

    def paced(self, port: int, rate_per_s: int, lasts_s: float, folder: Path) -> Command:
        count = round(rate_per_s * lasts_s)
        return self._command(port, folder, ["paced", str(rate_per_s), str(count)])

    def streams(self, port: int, rate_per_s: int, lasts_s: float, folder: Path) -> Command:
        """So many streams begun a second; it counts their bytes and looks into none."""
        count = round(rate_per_s * lasts_s)
        return self._command(port, folder, ["paced", str(rate_per_s), str(count)], stream=True)

    def read(self, output: str) -> Said:
        by_place = self.latencies_ms(output)
        found = quantiles(list(by_place.values()))
        return Said(len(by_place), found["p50"], found["p95"], found["p99"])

    @staticmethod
    def latencies_ms(output: str) -> dict[int, float]:
        """From when each request was due, by its place in the schedule, which is also its id."""
        said: dict[str, float] = json.loads(output)["latencies_ms"]
        return {int(place): latency_ms for place, latency_ms in said.items()}

    def _command(
        self, port: int, folder: Path, work: list[str], *, stream: bool = False
    ) -> Command:
        file = folder / "request.json"
        body = question_body(stream=stream).decode()
        file.write_text(json.dumps({"url": url(port), "headers": HEADERS, "body": body}))
        # -I: else this folder, and in it this file, would be found in place of the library.
        return Command(self.name, [str(_PYTHON), "-I", str(_PROGRAM), str(file), *work])
