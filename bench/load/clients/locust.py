"""Locust with its FastHttpUser, on one core; each user waits for its answer."""

import json
import math
import subprocess
from pathlib import Path

from bench.load.clients import CONNECTIONS, Said, url
from bench.load.running import Command
from bench.programs import PROGRAMS
from bench.wire import HEADERS, PATH, question_body
from gameday.domain.errors import StartError

_PROGRAM = PROGRAMS / "locust"
_USERS = 20  # each asks rate / 20 times a second
_FILE = """\
from locust import FastHttpUser, constant_throughput, task


class User(FastHttpUser):
    {pace}

    @task
    def ask(self):
        self.client.post({path!r}, data={body!r}, headers={headers!r})
"""


class Locust:
    name = "locust"
    keeps_rates = True

    def version(self) -> str:
        if not _PROGRAM.is_file():
            return ""
        said = subprocess.run([_PROGRAM, "--version"], capture_output=True, text=True, check=True)
        return said.stdout.split()[1]

    def closed(self, port: int, lasts_s: float, folder: Path) -> Command:
        return self._command(port, lasts_s, folder, users=CONNECTIONS, pace="pass")

    def paced(self, port: int, rate_per_s: int, lasts_s: float, folder: Path) -> Command:
        pace = f"wait_time = constant_throughput({rate_per_s / _USERS:g})"
        return self._command(port, lasts_s, folder, users=_USERS, pace=pace)

    def read(self, output: str) -> Said:
        """Its histogram, whose times it rounds to two digits from 100 ms on."""
        entries = json.loads(output)
        if not entries:
            raise StartError("locust sent nothing: the run was over before its users were there")
        (entry,) = entries
        histogram = {float(time): count for time, count in entry["response_times"].items()}
        answered = entry["num_requests"] - entry["num_failures"]
        return Said(
            answered=answered,
            p50_ms=_at(histogram, 0.50),
            p95_ms=_at(histogram, 0.95),
            p99_ms=_at(histogram, 0.99),
        )

    def _command(
        self, port: int, lasts_s: float, folder: Path, *, users: int, pace: str
    ) -> Command:
        file = folder / "locustfile.py"
        file.write_text(_FILE.format(pace=pace, path=PATH, body=question_body(), headers=HEADERS))
        argv = [
            str(_PROGRAM), "-f", str(file), "--headless", "--json", "--skip-log", "--only-summary",
            f"--users={users}", f"--spawn-rate={users}", f"--run-time={math.ceil(lasts_s)}s",
            f"--host={url(port).removesuffix(PATH)}",
        ]  # fmt: skip
        return Command(self.name, argv)


def _at(histogram: dict[float, int], quantile: float) -> float:
    """The quantile by nearest rank."""
    rank, seen = math.ceil(quantile * sum(histogram.values()) - 1e-9), 0
    for time in sorted(histogram):
        seen += histogram[time]
        if seen >= rank:
            return time
    raise StartError("locust got no answer")
