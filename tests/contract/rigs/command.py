"""Commands of a test's own that keep a value in a file."""

import sys
from pathlib import Path
from typing import Any

from gameday.catalog.kinds import components
from gameday.domain.component import Component
from tests.contract.rigs.rig import SECRET

PROGRAM = f"""
import os, pathlib, sys
folder, (verb, *words) = pathlib.Path(sys.argv[1]), sys.argv[2:]
key = os.environ.get("ADMIN_KEY")
if key != {SECRET!r} or (folder / "dark").exists():
    print("nobody is there for", key, file=sys.stderr)
    sys.exit(75)
value = folder / "value"
if verb == "read":
    print(value.read_text())
elif verb == "ready":
    known = words[0] in (folder / "models").read_text().split()
    sys.exit(0 if known else f"no model {{words[0]}}")
else:
    value.write_text(words[0])
    if (folder / "deaf").exists():
        (folder / "deaf").unlink()
        sys.exit(75)
"""


class CommandRig:
    old, new, foreign = "heron 4; rm -rf /", "heron-4-2026-08", "somebody-elses"
    told, gone = (foreign, new, old), new

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "key").write_text(SECRET)
        (folder / "value").write_text(self.old)
        (folder / "models").write_text(f"heron-4 {self.new}")
        (folder / "program.py").write_text(PROGRAM)
        program = [sys.executable, "program.py", "."]
        settings = {
            "read": [*program, "read"],
            "change": [*program, "set", "{{to}}"],
            "ready": [*program, "ready", "{{to}}"],
            "secrets": {"ADMIN_KEY": "file:key"},
        }
        made = components.make(Component(kind="command", settings=settings))
        self.backend = made.beside(folder)

    def kept(self) -> Any:
        return (self.folder / "value").read_bytes()

    def set_by_others(self) -> None:
        (self.folder / "value").write_text(self.foreign)

    def lose_next_answer(self) -> None:
        (self.folder / "deaf").touch()

    def retire(self) -> None:
        (self.folder / "models").write_text("heron-4")

    def go_dark(self) -> None:
        (self.folder / "dark").touch()

    def close(self) -> None:
        """Nothing is running."""
