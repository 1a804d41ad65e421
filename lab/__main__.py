"""The lab's command: python -m lab up --state DIR."""

import argparse
import sys
from pathlib import Path

from gameday.domain.errors import GamedayError
from lab.defects import DEFECTS, read_defect
from lab.model_version import HERON
from lab.up import LabOptions, describe_lab, run_lab


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lab", description=__doc__)
    commands = parser.add_subparsers(required=True)
    up = commands.add_parser("up", help="start the lab; it stays until it is told to end")
    up.set_defaults(act=run_lab)
    _add_options(up)
    describe = commands.add_parser("describe", help="write the lab's files and start nothing")
    describe.set_defaults(act=describe_lab)
    _add_options(describe)
    return parser


def _add_options(up: argparse.ArgumentParser) -> None:
    up.add_argument("--state", type=Path, required=True, help="folder for its files and logs")
    defects = "; ".join(f"{name}: {defect.summary}" for name, defect in DEFECTS.items())
    up.add_argument("--defect", default="", metavar="NAME[=VALUE]", help=defects)
    up.add_argument("--seed", type=int, default=7, help="of the models' sampling")
    up.add_argument("--tokens-per-s", type=_positive, default=HERON.tokens_per_s)
    up.add_argument("--port", type=int, help="of the assistant's front door")
    up.add_argument("--toxiproxy-port", type=int, help="of Toxiproxy's API")
    up.add_argument("--alerts", action="store_true", help="with Prometheus and Alertmanager")
    up.add_argument("--llm", action="store_true", help="with a real model (extra lab-llm)")
    up.add_argument("--injector-url", default="http://127.0.0.1:8470")


def _positive(text: str) -> float:
    number = float(text)
    if number <= 0:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


def main() -> int:
    """Run the command; the exit code says how it ended."""
    given = vars(_parser().parse_args())
    act = given.pop("act")
    options = LabOptions.model_validate(given)
    try:
        act(options, read_defect(options.defect))
    except GamedayError as error:
        next_step = f"\n  next  {error.next_step}" if error.next_step else ""
        sys.stderr.write(f"{error.sentence}{next_step}\n")
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
