"""What the injector's processes are started with, and how each starts the other."""

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from gameday.injector.parent import Supervisor
from gameday.supervisor.ports import LOOPBACK

ROLES = ("watchdog", "control")
EXIT_HELD = 3  # revived in vain: another process has taken that role in this state folder


@dataclass(frozen=True)
class InjectorSettings:
    """The command line of one of the two processes."""

    state: Path
    port: int
    toxiproxy: str  # '' when there is none
    policy: Path
    gates: tuple[Path, ...] = ()  # gate files
    kept_gates: tuple[Path, ...] = ()  # those whose process the watchdog keeps alive
    targets: tuple[Path, ...] = ()  # target files, whose components steps of a response may change
    role: Literal["watchdog", "control"] = "watchdog"
    revived: bool = False  # started by the other process, not by a person
    supervisor: Supervisor | None = None  # when it dies, both restore everything and end

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def argv(self) -> list[str]:
        argv = [sys.executable, "-m", "gameday.injector", "--state", str(self.state)]
        argv += ["--port", str(self.port), "--policy", str(self.policy), "--role", self.role]
        argv += ["--toxiproxy", self.toxiproxy] if self.toxiproxy else []
        for gate in self.gates:
            argv += ["--keep-gate" if gate in self.kept_gates else "--gate", str(gate)]
        for target in self.targets:
            argv += ["--target", str(target)]
        argv += ["--revived"] if self.revived else []
        argv += ["--supervisor", str(self.supervisor)] if self.supervisor is not None else []
        return argv

    def start(
        self, role: Literal["watchdog", "control"], *, revived: bool
    ) -> "subprocess.Popen[bytes]":
        """Start the other process, in a session of its own, so that one signal ends only one.

        Unlike a supervised child it must outlive its parent: reviving each other is the point.
        """
        other = replace(self, role=role, revived=revived)
        return subprocess.Popen(other.argv(), stdin=subprocess.DEVNULL, start_new_session=True)
