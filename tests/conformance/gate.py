"""A real gate in a process of its own, one listener for each provider that is named."""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx

from gameday.catalog.kinds import faults
from gameday.domain.drill import FaultSpec
from gameday.domain.gate import Evidence, Rule, RuleState
from gameday.injector.gate import Gates
from gameday.injector.gate_admin import GateAdmin
from gameday.supervisor.child import Child
from gameday.supervisor.ports import LOOPBACK, free_port

PATIENCE_S = 30.0


class GateProcess:
    """`python -m gameday.gate`, and what a test asks of it."""

    def __init__(self, folder: Path, upstream: str, dialects: Mapping[str, str]) -> None:
        """dialects: listener name -> dialect."""
        ports = {name: free_port() for name in dialects}
        self.urls = {name: f"http://{LOOPBACK}:{port}" for name, port in ports.items()}
        listeners = "".join(
            f"  {name}: {{listen: {LOOPBACK}:{ports[name]}, upstream: {upstream},"
            f" dialect: {dialect}}}\n"
            for name, dialect in dialects.items()
        )
        admin = f"{LOOPBACK}:{free_port()}"
        self._admin_url = f"http://{admin}"
        (folder / "gate.token").write_text("token-of-the-tests")
        self.file = folder / "gate.yaml"
        self.file.write_text(
            f"gate: tests\nadmin: {admin}\ntoken: file:gate.token\nlisteners:\n{listeners}"
        )
        argv = [sys.executable, "-m", "gameday.gate", "--config", str(self.file), "--with-parent"]
        self.child = Child("gate", argv, log=folder / "gate.log")
        self.admin = GateAdmin(self.file, timeout_s=PATIENCE_S)
        self.gates = Gates([self.file], timeout_s=PATIENCE_S)

    def start(self) -> None:
        self.child.start()
        try:
            self.child.wait_ready(lambda: asyncio.run(self.admin.answers()), within_s=PATIENCE_S)
        except BaseException:
            self.child.stop()
            raise

    def stop(self) -> None:
        self.child.stop()

    def put(self, rule_id: str, listener: str, fault: FaultSpec) -> RuleState:
        """Raises InjectorRefusedError when the gate will not arm it."""
        faults.make(fault)  # a slip in a test's settings is the test's, not the gate's
        rule = Rule(id=rule_id, run_id="RUN1", listener=listener, fault=fault, lease_s=120)
        return asyncio.run(self.admin.put(rule))

    def rules_in_force(self, listener: str) -> list[str]:
        """Asked of the admin port without the injector's client: a driver is no witness."""
        token = {"authorization": "Bearer token-of-the-tests"}
        state = httpx.get(f"{self._admin_url}/state", headers=token, timeout=PATIENCE_S).json()
        return [
            rule["id"]
            for rule in state["rules"]
            if rule["listener"] == listener and not rule["ended"]
        ]

    def remove(self, rule_id: str) -> Evidence:
        """Clear it, and return what the gate counted."""

        async def clear() -> Evidence:
            await self.admin.remove(rule_id)
            state = await self.admin.rule(rule_id)
            assert state is not None
            return state.evidence

        return asyncio.run(clear())
