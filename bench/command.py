"""What every benchmark's command line is: one document, as JSON, as a table, or as a section."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench import results
from bench.goals import Figures
from gameday.domain.errors import GamedayError


@dataclass(frozen=True)
class Benchmark:
    """One benchmark: how it is run, and how its document is read by people."""

    name: str
    about: str
    run: Callable[[bool, bool], Figures]  # quick, alone: the whole document
    table: Callable[[Figures], str]
    markdown: Callable[[Figures], str]


def main(benchmark: Benchmark, arguments: Sequence[str] | None = None) -> int:
    """Run it; 2 with a sentence when it cannot be run. A goal that is not met is no error."""
    asked = _parse(benchmark, arguments)
    try:
        document = benchmark.run(asked.quick, asked.alone)
    except GamedayError as error:
        say(error.sentence)
        if error.next_step:
            say(f"  next  {error.next_step}")
        return int(error.exit_code)
    if asked.write_results:
        results.write_section(benchmark.name, benchmark.markdown(document))
    print(json.dumps(document, indent=2) if asked.json else benchmark.table(document))
    return 0


def say(line: str) -> None:
    """Progress is not the result."""
    print(line, file=sys.stderr, flush=True)


def say_versions(versions: dict[str, str], *, alone: bool) -> None:
    """Which peers are measured beside; '' is one that is not."""
    for name, found in versions.items():
        say(f"{name} {found or 'is not measured'}")
    if not alone and not all(versions.values()):
        say("  next  bash scripts/install_bench_peers.sh")


def _parse(benchmark: Benchmark, arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"python -m bench.{benchmark.name}", description=benchmark.about
    )
    parser.add_argument("--json", action="store_true", help="the whole document on stdout")
    parser.add_argument("--quick", action="store_true", help="seconds; its figures judge nothing")
    parser.add_argument("--alone", action="store_true", help="without the peers, installed or not")
    parser.add_argument("--write-results", action="store_true", help=f"write {results.RESULTS}")
    return parser.parse_args(arguments)
