"""A real lab as the tests see it: started, asked, broken, healed and ended."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from ruamel.yaml import YAML

from gameday.domain.drill import FaultSpec, Scope
from gameday.domain.gate import (
    Call,
    Evidence,
    GateState,
    MarkerMatch,
    Rule,
    RuleState,
    WatchOrder,
)
from gameday.domain.gate_config import GateConfig
from gameday.supervisor.secrets import read_secret
from lab.files import LabState

START_S = 60.0


@dataclass
class RunningLab:
    """A lab that a test talks to."""

    state: LabState
    process: subprocess.Popen[str]
    http: httpx.Client

    def ask(self, question: str, marker: str = "", **more: object) -> httpx.Response:
        body = {"messages": [{"role": "user", "content": question}], **more}
        headers = {"x-gameday": marker} if marker else {}
        url = f"{self.state.front_door}/chat/completions"
        return self.http.post(url, json=body, headers=headers)

    def set_proxy(self, name: str, *, enabled: bool) -> None:
        url = f"{self.state.toxiproxy}/proxies/{name}"
        self.http.post(url, json={"enabled": enabled}).raise_for_status()

    def add_toxic(self, proxy: str, **toxic: object) -> None:
        url = f"{self.state.toxiproxy}/proxies/{proxy}/toxics"
        self.http.post(url, json=toxic).raise_for_status()

    @cached_property
    def gate(self) -> httpx.Client:
        """The admin port of the gate before the providers."""
        file = Path(self.state.gate_file)
        config = GateConfig.model_validate(YAML(typ="safe").load(file))
        token = read_secret(config.token, beside=file.parent)
        headers = {"authorization": f"Bearer {token}"}
        url = f"http://{config.admin}"
        return httpx.Client(base_url=url, headers=headers, timeout=20, trust_env=False)

    def put_rule(self, provider: str, kind: str, scope: Scope = Scope.ALL, **settings: Any) -> None:
        rule = Rule(
            id=f"{provider}-{uuid4().hex}",  # one that was deleted is not put again
            run_id="practice",
            listener=provider,
            fault=FaultSpec(kind=kind, on=f"provider/{provider}", scope=scope, settings=settings),
            marker=MarkerMatch(header="x-gameday"),
            lease_s=120,
        )
        body = rule.model_dump(mode="json")
        self.gate.put(f"/rules/{rule.id}", json=body).raise_for_status()

    def clear_rules(self) -> Evidence:
        """End every rule; what the one that was in force has done."""
        rules = GateState.model_validate(self.gate.get("/state").json()).rules
        (rule,) = (one for one in rules if not one.ended)
        cleared = self.gate.delete(f"/rules/{rule.id}").raise_for_status()
        return RuleState.model_validate(cleared.json()).evidence

    def calls(self, run_id: str) -> list[Call]:
        """What the gate has seen since it was told to watch."""
        answer = self.gate.get(f"/watches/{run_id}/calls", params={"from": 0})
        return [Call.model_validate(call) for call in answer.json()["calls"]]

    def watch(self, run_id: str) -> None:
        order = WatchOrder(marker=MarkerMatch(header="x-gameday"))
        url = f"/watches/{run_id}"
        self.gate.put(url, json=order.model_dump(mode="json")).raise_for_status()

    def heal(self) -> None:
        """Undo every fault, and wait until the primary serves again."""
        for rule in GateState.model_validate(self.gate.get("/state").json()).rules:
            self.gate.delete(f"/rules/{rule.id}").raise_for_status()
        proxies = f"{self.state.toxiproxy}/proxies"
        for proxy in self.http.get(proxies).json().values():
            for toxic in proxy["toxics"]:
                if toxic["type"] == "latency":
                    # Toxiproxy holds its lock for 5 s for each delayed chunk of a client that
                    # has left, when such a toxic is removed; without a delay it lets them go.
                    url = f"{proxies}/{proxy['name']}/toxics/{toxic['name']}"
                    self.http.post(url, json={"attributes": {"latency": 0}}).raise_for_status()
                    time.sleep(0.1)
        self.http.post(f"{self.state.toxiproxy}/reset").raise_for_status()
        wait_until(lambda: self.ask("Who are you?").headers.get("x-served-by") == "primary")

    def log(self, provider: str) -> dict[str, dict[str, object]]:
        """The provider's own log, by request id."""
        entries = self.http.get(self.state.providers[provider].log, params={"since": 0}).json()
        return {entry["request_id"]: entry for entry in entries}


def wait_until(condition: Callable[[], bool], within_s: float = 15.0) -> None:
    give_up = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < give_up, f"still not so after {within_s:g} s"
        time.sleep(0.05)


def up_command(folder: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "lab", "up", "--state", str(folder), *options]


def start(folder: Path, *options: str) -> RunningLab:
    process = subprocess.Popen(
        up_command(folder, *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    said = process.stdout.readline() if process.stdout else ""
    if not said:
        _, complaint = process.communicate(timeout=START_S)
        pytest.fail(f"the lab did not start: {complaint}")
    state = LabState.model_validate_json((folder / "lab.json").read_text())
    return RunningLab(state, process, httpx.Client(timeout=20, trust_env=False))


def end(lab: RunningLab) -> None:
    lab.http.close()
    lab.gate.close()
    lab.process.terminate()
    lab.process.communicate(timeout=15)


StartLab = Callable[..., RunningLab]


def alive(pid: int) -> bool:
    """Whether it runs; one that has ended and was not yet waited for does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def read_events(lines: list[str]) -> list[dict[str, object]]:
    """The JSON documents of a stream's lines, in order."""
    data = [line.removeprefix("data: ") for line in lines if line.startswith("data: {")]
    return [json.loads(document) for document in data]
