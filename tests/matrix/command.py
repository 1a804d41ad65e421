"""Runs `gameday run ... --lab --json` as somebody would type it, with a stack of its own."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gameday.cli.run import DEMO_WINDOWS

GAMEDAY = str(Path(sys.executable).parent / "gameday")
# The same short windows as the demo's: every check can decide.
WINDOWS = DEMO_WINDOWS[:3]
CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ended:
    """How the command ended: its exit code, the one document on stdout, and the rest."""

    code: int
    document: dict[str, Any]
    stderr: str

    @property
    def noes(self) -> set[str]:
        """The checks that said no."""
        return {check["kind"] for check in self.document["checks"] if check["held"] == "no"}

    def check(self, kind: str) -> dict[str, Any]:
        return next(check for check in self.document["checks"] if check["kind"] == kind)

    @property
    def sentences(self) -> str:
        """Everything that was judged, for the message of an assertion."""
        said = [f"{c['held']:<7} {c['kind']}: {c['reason']}" for c in self.document["checks"]]
        return "\n".join([self.document["reason"], *said])


def run_drill(folder: Path, drill: str, *sets: str, defect: str = "") -> Ended:
    overrides = [word for one in sets for word in ("--set", one)]
    argv = [GAMEDAY, "run", drill, "--lab", "--json", *overrides]
    argv += ["--defect", defect] if defect else []
    argv += ["--state", str(folder / "state"), "--runs", str(folder / "runs")]
    done = subprocess.run(
        argv, capture_output=True, text=True, timeout=320, check=False, cwd=CHECKOUT
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert done.stdout, done.stderr
    return Ended(done.returncode, json.loads(done.stdout), done.stderr)
