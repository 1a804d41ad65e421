"""`gameday serve` as a process of its own, over files as people write them."""

import os
import sys
from pathlib import Path

import httpx

from gameday.cli.serve import INBOX
from gameday.serve.inbox import Inbox
from gameday.supervisor.child import Child
from gameday.supervisor.ports import free_ports
from tests.gameday.catalog.authored import DRILL, SUITE, TARGET, written

SERVE = """\
serve: team
senders:
  alertmanager: {kind: alertmanager, secret: "file:token"}
  grafana: {kind: grafana, secret: "file:token"}
start:
  - when: {alertname: DrillDue}
    senders: [alertmanager]
    drill: drill.yaml
    environment: lab
    resolved: end
"""
TOKEN = "a secret of this test"
GAMEDAY = Path(sys.executable).parent / "gameday"


def folder_of(path, serve=SERVE):
    """A target, a suite, a drill and what starts it."""
    written(path, TARGET, "gameday.yaml")
    written(path, SUITE, "suite.yaml")
    written(path, DRILL, "drill.yaml")
    written(path, serve, "serve.yaml")
    written(path, f"{TOKEN}\n", "token")
    return path


class Served:
    """Started in `folder`, where no Temporal answers unless one is named."""

    def __init__(self, folder, temporal=""):
        self.folder = folder
        (self._port, nobody) = free_ports(2)
        self.url = f"http://127.0.0.1:{self._port}"
        self._temporal = temporal or f"127.0.0.1:{nobody}"
        self.inbox_file = folder / ".gameday" / INBOX
        self.log = folder / "serve.log"
        self.start()

    def start(self):
        argv = [str(GAMEDAY), "serve", str(self.folder / "serve.yaml")]
        argv += ["--listen", f"127.0.0.1:{self._port}"]
        argv += ["--target", str(self.folder / "gameday.yaml")]
        argv += ["--state", str(self.folder / ".gameday"), "--runs", str(self.folder / "runs")]
        self._child = Child("serve", argv, log=self.log)
        self._child.start({**os.environ, "TEMPORAL_ADDRESS": self._temporal})
        self._child.wait_ready(self._answers, within_s=90)

    def kill(self):
        self._child.kill()

    def stop(self):
        self._child.stop()

    def kept(self):
        """What is on disk, read by another process than the one that wrote it."""
        inbox = Inbox(self.inbox_file)
        try:
            return inbox.last(10_000)
        finally:
            inbox.close()

    def _answers(self):
        try:
            return httpx.get(f"{self.url}/healthz", trust_env=False, timeout=5).is_success
        except httpx.TransportError:
            return False
