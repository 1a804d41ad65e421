"""nginx as a streaming reverse proxy: unbuffered, keep-alive upstream, one worker, no log.

The floor: it can inject nothing.
"""

from pathlib import Path

from bench import nginx
from gameday.supervisor.child import Child
from gameday.supervisor.ports import LOOPBACK

_SERVERS = """\
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
  }}"""


class Nginx:
    name = "nginx"

    def __init__(self, port: int) -> None:
        self.port = port

    def version(self) -> str:
        return nginx.version()

    def start(self, folder: Path, upstream_port: int) -> Child:
        servers = _SERVERS.format(loopback=LOOPBACK, port=self.port, upstream_port=upstream_port)
        return nginx.start(self.name, folder, servers)
