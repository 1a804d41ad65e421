"""mitmdump as a reverse proxy that streams answers; left to itself it holds whole bodies back."""

import subprocess
from pathlib import Path

from bench.programs import PROGRAMS
from gameday.supervisor.child import Child
from gameday.supervisor.ports import LOOPBACK

_PROGRAM = PROGRAMS / "mitmdump"
_ADDON = """\
def responseheaders(flow):
    flow.response.stream = True
"""


class Mitmdump:
    name = "mitmdump"

    def __init__(self, port: int) -> None:
        self.port = port

    def version(self) -> str:
        if not _PROGRAM.is_file():
            return ""
        said = subprocess.run([_PROGRAM, "--version"], capture_output=True, text=True, check=True)
        return said.stdout.splitlines()[0].partition(":")[2].strip()

    def start(self, folder: Path, upstream_port: int) -> Child:
        addon = folder / "stream.py"
        addon.write_text(_ADDON)
        mode = f"reverse:http://{LOOPBACK}:{upstream_port}"
        argv = [
            str(_PROGRAM), "--quiet", "--listen-host", LOOPBACK, "--listen-port", str(self.port),
            "--mode", mode, "--set", f"confdir={folder}", "-s", str(addon),
        ]  # fmt: skip
        child = Child(self.name, argv, log=folder / "mitmdump.log")
        child.start()
        return child
