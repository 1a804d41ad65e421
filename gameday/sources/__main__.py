"""Runs the alert sink: python -m gameday.sources --listen HOST:PORT --file FILE."""

import argparse
import os
import signal
from pathlib import Path

import uvicorn

from gameday.sources.sink import sink_app
from gameday.supervisor.child import leave_with_parent


def main() -> None:
    parser = argparse.ArgumentParser(prog="gameday sink", description=__doc__)
    parser.add_argument("--listen", required=True)
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--with-parent", action="store_true", help="leave when the parent does")
    options = parser.parse_args()
    if options.with_parent:
        leave_with_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    host, _, port = options.listen.rpartition(":")
    uvicorn.run(
        sink_app(options.file), host=host, port=int(port), log_level="warning", access_log=False
    )


if __name__ == "__main__":
    main()
