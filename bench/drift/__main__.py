"""`python -m bench.drift FILE`: after how many recorded answers a change is noticed."""

import argparse
import json
from pathlib import Path

from bench import cores, machine, results
from bench.command import say
from bench.drift import report
from bench.drift.bench import Asked, measure
from gameday.domain.errors import GamedayError


def main(arguments: list[str] | None = None) -> int:
    """Run it; 2 with a sentence when it cannot be run."""
    given = _parse(arguments)
    asked = Asked(given.file, given.alpha, given.sims, given.null)
    try:
        document = measure(asked)
    except GamedayError as error:
        say(error.sentence)
        return int(error.exit_code)
    document["machine"] = machine.describe(cores.choose())
    if given.write_results:
        results.write_section("drift", report.markdown(document))
    print(json.dumps(document, indent=2) if given.json else report.table(document))
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.drift", description=__doc__)
    parser.add_argument("file", type=Path, help="recorded answers, one JSON object a line")
    parser.add_argument("--alpha", type=_alpha, default=0.01, help="chance of a false alarm")
    parser.add_argument("--sims", type=_count, default=50, help="runs of each variant")
    parser.add_argument("--null", type=_count, default=0, help="made-up streams without a change")
    parser.add_argument("--json", action="store_true", help="the whole document on stdout")
    parser.add_argument("--write-results", action="store_true", help=f"write {results.RESULTS}")
    return parser.parse_args(arguments)


def _alpha(text: str) -> float:
    alpha = float(text)
    if not 0 < alpha < 1:
        raise argparse.ArgumentTypeError(f"{text} is no chance between 0 and 1")
    return alpha


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return count


if __name__ == "__main__":
    raise SystemExit(main())
