"""nginx as a streaming reverse proxy: unbuffered, keep-alive upstream, one worker, no log.

The floor: it can inject nothing.
"""

import os
import shutil
import subprocess
from pathlib import Path

from gameday.supervisor.child import Child
from gameday.supervisor.ports import LOOPBACK

_CONFIGURATION = """\
daemon off;
worker_processes 1;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log error;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  tcp_nodelay on;
  keepalive_requests 100000000;
  upstream provider {{
    server {loopback}:{upstream_port};
    keepalive 128;
    keepalive_requests 100000000;
  }}
  server {{
    listen {loopback}:{port} backlog=4096;
    location / {{
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_read_timeout 600s;
    }}
  }}
}}
"""


class Nginx:
    name = "nginx"

    def __init__(self, port: int) -> None:
        self.port = port

    def version(self) -> str:
        program = _program()
        if program is None:
            return ""
        said = subprocess.run([program, "-v"], capture_output=True, text=True, check=True)
        return said.stderr.strip().removeprefix("nginx version: nginx/")

    def start(self, folder: Path, upstream_port: int) -> Child:
        program = _program()
        assert program is not None, "ask for the version first"
        file = folder / "nginx.conf"
        file.write_text(
            _CONFIGURATION.format(
                # Nobody else may enter the folder, so the worker must be its owner too.
                user="user root;" if os.geteuid() == 0 else "",
                folder=folder,
                loopback=LOOPBACK,
                port=self.port,
                upstream_port=upstream_port,
            )
        )
        argv = [program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(file)]
        child = Child(self.name, argv, log=folder / "nginx.log")
        child.start()
        return child


def _program() -> str | None:
    # Debian puts it where only root's PATH looks.
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
