"""The gate itself, started as anybody starts it, and the client of its admin API."""

import json
import sys
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any

from bench.gate.asking import Asker, Got
from gameday.domain.drill import FaultSpec, Scope
from gameday.domain.errors import StartError
from gameday.domain.gate import MarkerMatch, Rule, RuleState, WatchOrder
from gameday.supervisor.child import Child
from gameday.supervisor.ports import LOOPBACK

MEASURED = "measured"
_TOKEN_NAME = "GAMEDAY_BENCH_GATE_TOKEN"  # noqa: S105 - the variable's name
_TOKEN = "bench"  # noqa: S105 - of a process that lives on loopback for minutes
_MARKER_HEADER = "x-gameday"
_RUN = "bench-run"
_NUMBERS = count(1)


class Gate:
    name = "gate"

    def __init__(self, port: int, admin_port: int, *idle_ports: int) -> None:
        """idle_ports: of listeners beside the measured one, for rules that touch nothing of it."""
        self.port = port
        self.admin = Admin(admin_port)
        self._admin_port = admin_port
        self._idle_ports = idle_ports

    def version(self) -> str:
        return version("ai-gameday")

    def start(self, folder: Path, upstream_port: int) -> Child:
        file = folder / "gate.yaml"
        ports = {MEASURED: self.port} | {f"idle-{i}": p for i, p in enumerate(self._idle_ports)}
        document = {
            "gate": "bench",
            "admin": f"{LOOPBACK}:{self._admin_port}",
            "token": f"env:{_TOKEN_NAME}",
            "listeners": {
                name: {
                    "listen": f"{LOOPBACK}:{number}",
                    "upstream": f"http://{LOOPBACK}:{upstream_port}",
                    "dialect": "openai",
                }
                for name, number in ports.items()
            },
        }
        file.write_text(json.dumps(document))  # which is YAML
        argv = [sys.executable, "-m", "gameday.gate", "--config", str(file)]
        child = Child(self.name, argv, log=folder / "gate.log")
        child.start({_TOKEN_NAME: _TOKEN})
        return child

    def idle_rules(self) -> list[Rule]:
        """One rule for each idle listener, and one at the measured one for somebody else's marks.

        A listener has at most one rule in force, so this is as many idle rules as there can be.
        """
        rules = [
            rule("http_error", listener=f"idle-{number}") for number in range(len(self._idle_ports))
        ]
        return [*rules, rule("http_error", scope=Scope.MARKED)]


def rule(
    kind: str,
    *,
    listener: str = MEASURED,
    scope: Scope = Scope.ALL,
    lease_s: float = 600.0,
    **settings: Any,
) -> Rule:
    """A new rule with a name of its own: a rule that has ended cannot be put again."""
    return Rule(
        id=f"{_RUN}-{next(_NUMBERS)}",
        run_id=_RUN,
        listener=listener,
        fault=FaultSpec(kind=kind, on=f"provider/{listener}", scope=scope, settings=settings),
        marker=MarkerMatch(header=_MARKER_HEADER) if scope is Scope.MARKED else None,
        lease_s=lease_s,
    )


class Admin:
    """The gate's admin API on one connection of its own."""

    def __init__(self, port: int) -> None:
        self._asker = Asker(port)

    async def put(self, wanted: Rule) -> RuleState:
        return RuleState.model_validate(
            await self._do("PUT", f"rules/{wanted.id}", wanted.model_dump_json())
        )

    async def read(self, rule_id: str) -> RuleState:
        return RuleState.model_validate(await self._do("GET", f"rules/{rule_id}"))

    async def clear(self, rule_id: str) -> RuleState:
        return RuleState.model_validate(await self._do("DELETE", f"rules/{rule_id}"))

    async def watch(self) -> None:
        """As for a run: a log of every call, whoever's it is."""
        order = WatchOrder(marker=MarkerMatch(header=_MARKER_HEADER), ttl_s=600)
        await self._do("PUT", f"watches/{_RUN}", order.model_dump_json())

    async def unwatch(self) -> None:
        await self._do("DELETE", f"watches/{_RUN}")

    async def _do(self, method: str, what: str, body: str = "") -> Any:
        request = (
            f"{method} /{what} HTTP/1.1\r\nhost: {LOOPBACK}\r\n"
            f"authorization: Bearer {_TOKEN}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body.encode())}\r\n\r\n{body}"
        )
        return _taken(await self._asker.ask(request.encode()))

    def close(self) -> None:
        self._asker.close()


def _taken(got: Got) -> Any:
    if got.status != 200:
        raise StartError(f"the gate answered {got.status}: {got.body.decode(errors='replace')}")
    return got.json()
