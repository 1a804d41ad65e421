"""`python -m gameday.gate`: the HTTP fault gate, a process of its own."""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from gameday.domain.errors import FileError, GamedayError
from gameday.gate import serving
from gameday.supervisor.hiding import start_log


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until told to end; returns the exit code."""
    parser = argparse.ArgumentParser(prog="gameday gate", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the gate file")
    parser.add_argument(
        "--with-parent", action="store_true", help="drain and end when the parent process dies"
    )
    given = parser.parse_args(argv)
    start_log(logging.INFO, "%(asctime)s %(levelname)s %(message)s")
    try:
        return serving.run(given.config, with_parent=given.with_parent)
    except GamedayError as error:
        excerpt = f"\n{error.excerpt}" if isinstance(error, FileError) and error.excerpt else ""
        next_step = f"\n{error.next_step}" if error.next_step else ""
        sys.stderr.write(f"{error.sentence}{excerpt}{next_step}\n")
        return int(error.exit_code)


if __name__ == "__main__":
    sys.exit(main())
