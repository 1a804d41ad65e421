"""wrk, one thread: C, closed loop only, no rate. It corrects its latencies afterwards."""

import re
import subprocess
from pathlib import Path

from bench.load.clients import CONNECTIONS, Said, url
from bench.load.running import Command
from bench.programs import PROGRAMS
from bench.wire import HEADERS, question_body

_PROGRAM = PROGRAMS / "wrk"
_PACED_CONNECTIONS = 10  # as few as it is usually given; a rate it has none
_SCRIPT = """\
wrk.method = "POST"
wrk.body = [==[{body}]==]
{headers}
done = function(summary, latency)
  io.write(string.format("answered %d\\n", summary.requests))
  for _, rank in pairs({{50, 95, 99}}) do
    io.write(string.format("p%d_us %d\\n", rank, latency:percentile(rank)))
  end
end
"""
_FIGURE = re.compile(r"^(answered|p\d\d_us) (\d+)$", re.MULTILINE)


class Wrk:
    name = "wrk"
    keeps_rates = False

    def version(self) -> str:
        if not _PROGRAM.is_file():
            return ""
        # It leaves with 1 when it is only asked for its version.
        said = subprocess.run([_PROGRAM, "-v"], capture_output=True, text=True, check=False)
        return said.stdout.split()[1]

    def closed(self, port: int, lasts_s: float, folder: Path) -> Command:
        return self._command(port, CONNECTIONS, lasts_s, folder)

    def paced(self, port: int, rate_per_s: int, lasts_s: float, folder: Path) -> Command:  # noqa: ARG002 - it has none
        return self._command(port, _PACED_CONNECTIONS, lasts_s, folder)

    def read(self, output: str) -> Said:
        found = {name: int(value) for name, value in _FIGURE.findall(output)}
        return Said(
            answered=found["answered"],
            p50_ms=found["p50_us"] / 1000,
            p95_ms=found["p95_us"] / 1000,
            p99_ms=found["p99_us"] / 1000,
        )

    def _command(self, port: int, connections: int, lasts_s: float, folder: Path) -> Command:
        script = folder / "post.lua"
        headers = "\n".join(f'wrk.headers["{name}"] = "{value}"' for name, value in HEADERS.items())
        script.write_text(_SCRIPT.format(body=question_body().decode(), headers=headers))
        argv = [str(_PROGRAM), "-t1", f"-c{connections}", f"-d{lasts_s:.0f}s", "-s", str(script)]
        return Command(self.name, [*argv, url(port)])
