"""nginx with one worker and no log, for whatever it is to serve."""

import os
import shutil
import subprocess
from pathlib import Path

from gameday.supervisor.child import Child

_CONFIGURATION = """\
daemon off;
worker_processes 1;
worker_rlimit_nofile {connections};
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log error;
events {{ worker_connections {connections}; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  tcp_nodelay on;
  keepalive_requests 100000000;
{servers}
}}
"""


def version() -> str:
    """What it says of itself, '' when it is not installed."""
    program = _program()
    if program is None:
        return ""
    said = subprocess.run([program, "-v"], capture_output=True, text=True, check=True)
    return said.stderr.strip().removeprefix("nginx version: nginx/")


def start(name: str, folder: Path, servers: str, *, connections: int = 4096) -> Child:
    """Start it, with its files in `folder`. servers: the `server` and `upstream` blocks."""
    program = _program()
    assert program is not None, "ask for the version first"
    file = folder / "nginx.conf"
    # Nobody else may enter the folder, so the worker must be its owner too.
    user = "user root;" if os.geteuid() == 0 else ""
    file.write_text(
        _CONFIGURATION.format(user=user, folder=folder, servers=servers, connections=connections)
    )
    argv = [program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(file)]
    child = Child(name, argv, log=folder / "nginx.log")
    child.start()
    return child


def _program() -> str | None:
    # Debian puts it where only root's PATH looks.
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
