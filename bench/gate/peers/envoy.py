"""Envoy with its HTTP fault filter, one worker: the peer that injects delays and aborts."""

import json
import subprocess
from pathlib import Path
from typing import Any

from bench.programs import PROGRAMS
from gameday.supervisor.child import Child
from gameday.supervisor.ports import LOOPBACK

_PROGRAM = PROGRAMS / "envoy"
_TYPES = "type.googleapis.com/envoy.extensions."
DELAY_KEY = "fault.http.delay.fixed_delay_percent"
ABORT_KEY = "fault.http.abort.abort_percent"


class Envoy:
    name = "envoy"

    def __init__(self, port: int, admin_port: int, *, delay_s: float) -> None:
        """delay_s: what its delay fault holds a request for, once a runtime key turns it on."""
        self.port = port
        self.admin_port = admin_port
        self._delay_s = delay_s

    def version(self) -> str:
        if not _PROGRAM.is_file():
            return ""
        said = subprocess.run([_PROGRAM, "--version"], capture_output=True, text=True, check=True)
        return said.stdout.partition("version:")[2].split("/")[1]

    def start(self, folder: Path, upstream_port: int) -> Child:
        file = folder / "envoy.json"
        file.write_text(json.dumps(self._bootstrap(upstream_port)))
        argv = [str(_PROGRAM), "--concurrency", "1", "--disable-hot-restart"]
        child = Child(
            self.name, [*argv, "--log-level", "error", "-c", str(file)], log=folder / "envoy.log"
        )
        child.start()
        return child

    def set_percent(self, key: str, percent: int) -> bytes:
        """The request to its admin port that turns a fault on or off."""
        line = f"POST /runtime_modify?{key}={percent} HTTP/1.1\r\n"
        return f"{line}host: {LOOPBACK}\r\ncontent-length: 0\r\n\r\n".encode()

    def _bootstrap(self, upstream_port: int) -> dict[str, Any]:
        return {
            "admin": {"address": _address(self.admin_port)},
            "layered_runtime": {"layers": [{"name": "admin", "admin_layer": {}}]},
            "static_resources": {
                "listeners": [
                    {
                        "name": "provider",
                        "address": _address(self.port),
                        "filter_chains": [{"filters": [self._connections()]}],
                    }
                ],
                "clusters": [_cluster(upstream_port)],
            },
        }

    def _connections(self) -> dict[str, Any]:
        return _typed(
            "envoy.filters.network.http_connection_manager",
            "filters.network.http_connection_manager.v3.HttpConnectionManager",
            stat_prefix="provider",
            codec_type="HTTP1",
            route_config={"virtual_hosts": [_everything()]},
            http_filters=[
                _typed(
                    "envoy.filters.http.fault",
                    "filters.http.fault.v3.HTTPFault",
                    delay={"fixed_delay": f"{self._delay_s:g}s", "percentage": {"numerator": 0}},
                    abort={"http_status": 429, "percentage": {"numerator": 0}},
                ),
                _typed("envoy.filters.http.router", "filters.http.router.v3.Router"),
            ],
        )


def _typed(name: str, kind: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "typed_config": {"@type": f"{_TYPES}{kind}", **fields}}


def _everything() -> dict[str, Any]:
    route = {"match": {"prefix": "/"}, "route": {"cluster": "provider", "timeout": "0s"}}
    return {"name": "all", "domains": ["*"], "routes": [route]}


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": LOOPBACK, "port_value": port}}


def _cluster(port: int) -> dict[str, Any]:
    endpoint = {"endpoint": {"address": _address(port)}}
    return {
        "name": "provider",
        "type": "STATIC",
        "load_assignment": {
            "cluster_name": "provider",
            "endpoints": [{"lb_endpoints": [endpoint]}],
        },
    }
