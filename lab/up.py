"""Starts every part of the lab, says where they are, and ends them all."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import FrameType

import httpx

from gameday.domain.errors import StartError
from gameday.domain.value import Value
from gameday.supervisor.child import Child, leave_with_parent
from gameday.supervisor.ports import LOOPBACK, free_ports, require_free
from gameday.supervisor.programs import toxiproxy_server
from lab import real_model
from lab.alerting import Alerting, AlertingPorts
from lab.assistant.settings import AssistantSettings, Upstream
from lab.components import CONTENT
from lab.content import make_content
from lab.defects import Changes
from lab.files import (
    PRIMARY_PRICE,
    GatePlaces,
    LabState,
    ProviderPlace,
    make_gate,
    make_policy,
    make_target,
    write_token,
    write_yaml,
)
from lab.model_version import FLOATING, HERON
from lab.prompt import CURRENT
from lab.provider.rate_meter import REQUESTS_PER_MINUTE_MAX
from lab.provider.settings import ProviderSettings

_READY_S = 30.0
_LLM_READY_S = 120.0  # two models are loaded
_PARTS = ("toxiproxy", "gate", "primary", "secondary", "order-tool", "verifier", "assistant")


class LabOptions(Value):
    """What `lab up` was told."""

    state: Path
    defect: str = ""
    seed: int = 7
    tokens_per_s: float = HERON.tokens_per_s
    port: int | None = None
    toxiproxy_port: int | None = None
    injector_url: str = "http://127.0.0.1:8470"
    alerts: bool = False  # with what watches the assistant: Prometheus, Alertmanager, a sink
    llm: bool = False  # with a real model behind the primary


class Ports(Value):
    """Where each part listens."""

    assistant: int
    toxiproxy: int
    primary: int
    secondary: int
    order_tool: int
    verifier: int
    primary_proxy: int
    secondary_proxy: int
    primary_gate: int
    secondary_gate: int
    orders_gate: int
    policy_gate: int
    gate_admin: int
    alerting: AlertingPorts


class _StopRequested(BaseException):
    """A signal asked the lab to end; not an Exception, so that nothing on the way catches it."""


def _url(port: int) -> str:
    return f"http://{LOOPBACK}:{port}"


def choose_ports(options: LabOptions) -> Ports:
    """Take the ports that were asked for, and free ones else. Raises StartError."""
    if options.port is not None:
        require_free(options.port, "the lab's assistant")
    if options.toxiproxy_port is not None:
        require_free(options.toxiproxy_port, "the lab's Toxiproxy")
    free = free_ports(16)
    return Ports(
        assistant=options.port or free[0],
        toxiproxy=options.toxiproxy_port or free[1],
        primary=free[2],
        secondary=free[3],
        order_tool=free[4],
        primary_proxy=free[5],
        secondary_proxy=free[6],
        primary_gate=free[7],
        secondary_gate=free[8],
        gate_admin=free[9],
        alerting=AlertingPorts(prometheus=free[10], alertmanager=free[11], sink=free[12]),
        verifier=free[13],
        orders_gate=free[14],
        policy_gate=free[15],
    )


class Lab:
    """All parts of one lab."""

    def __init__(self, options: LabOptions, changes: Changes) -> None:
        self._options = options
        self._changes = changes
        self._ports = choose_ports(options)
        self._alerting = Alerting(options.state.resolve(), self._ports.alerting)
        self._weights = real_model.weights(options.state.resolve()) if options.llm else {}
        self._children = {name: self._child(name) for name in _PARTS if self._runs(name)}
        if options.alerts:
            self._children |= self._alerting.children()

    def _runs(self, name: str) -> bool:
        return name != "primary" or self._changes.primary_runs

    def _child(self, name: str) -> Child:
        arguments: dict[str, Callable[[], list[str]]] = {
            "toxiproxy": self._toxiproxy,
            "gate": self._gate,
            "primary": lambda: _part("lab.provider", self._provider("primary")),
            "secondary": lambda: _part("lab.provider", self._provider("secondary")),
            "order-tool": lambda: _part("lab.order_tool", str(self._ports.order_tool)),
            "verifier": lambda: _part("lab.verifier", str(self._ports.verifier)),
            "assistant": lambda: _part("lab.assistant", self._assistant()),
        }
        return Child(name, arguments[name](), log=self._options.state / "logs" / f"{name}.log")

    def _toxiproxy(self) -> list[str]:
        port = str(self._ports.toxiproxy)
        return [toxiproxy_server(), "-host", LOOPBACK, "-port", port, "-proxy-metrics"]

    def _gate(self) -> list[str]:
        argv = [sys.executable, "-m", "gameday.gate", "--config", str(self._gate_file)]
        return [*argv, "--with-parent"]

    @property
    def _gate_file(self) -> Path:
        return self._options.state.resolve() / "gate.yaml"

    @property
    def _content(self) -> Path:
        return self._options.state.resolve() / CONTENT

    def _write_gate_file(self) -> None:
        ports = self._ports
        places = GatePlaces(
            admin=f"{LOOPBACK}:{ports.gate_admin}",
            primary=f"{LOOPBACK}:{ports.primary_gate}",
            secondary=f"{LOOPBACK}:{ports.secondary_gate}",
            orders=f"{LOOPBACK}:{ports.orders_gate}",
            policy=f"{LOOPBACK}:{ports.policy_gate}",
        )
        write_token(self._gate_file.parent)
        about = "Written by `lab up` for the gate before its providers, its tool and its verifier."
        write_yaml(self._gate_file, make_gate(places, self._upstreams), about)

    def _provider(self, name: str) -> str:
        primary = name == "primary"
        return ProviderSettings(
            port=self._ports.primary if primary else self._ports.secondary,
            dialect="openai" if primary else "anthropic",
            models=self._changes.primary_models if primary else (self._changes.secondary_model,),
            seed=self._options.seed if primary else self._options.seed + 1,
            weights=self._weights if primary else {},
            price=PRIMARY_PRICE if primary else None,
            speed_factor=self._options.tokens_per_s / HERON.tokens_per_s,
            blind_share=0.0 if primary else self._changes.secondary_blind_share,
            requests_per_minute_max=REQUESTS_PER_MINUTE_MAX
            if primary
            else self._changes.secondary_requests_per_minute_max,
        ).model_dump_json()

    def _assistant(self) -> str:
        primary = Upstream(
            name="primary",
            dialect="openai",
            url=_url(self._ports.primary_proxy),
            model=FLOATING,
        )
        secondary = Upstream(
            name="secondary",
            dialect="anthropic",
            url=_url(self._ports.secondary_proxy),
            model=self._changes.secondary_model,
        )
        return AssistantSettings(
            port=self._ports.assistant,
            chain=(primary, secondary) if self._changes.has_fallback else (primary,),
            order_tool=_url(self._ports.orders_gate),
            verifier=_url(self._ports.policy_gate),
            content=self._content,
            **(real_model.ASSISTANT if self._options.llm else {}) | self._changes.assistant,
        ).model_dump_json()

    def start(self) -> None:
        """Start every part and wait until it answers. Raises StartError."""
        if self._options.llm:
            real_model.make_weights(self._options.state.resolve())
        prompt = real_model.PROMPT if self._options.llm else CURRENT
        make_content(self._content, prompt, logged=self._changes.corpus_is_logged)
        self._write_gate_file()
        self._alerting.write_files(self._ports.assistant, self._changes)
        for child in self._children.values():
            # Toxiproxy would log a line for each connection that a fault cuts.
            child.start({"LOG_LEVEL": "error"})
        health = {
            "toxiproxy": _url(self._ports.toxiproxy) + "/version",
            "gate": _url(self._ports.gate_admin) + "/health",
            "primary": _url(self._ports.primary) + "/healthz",
            "secondary": _url(self._ports.secondary) + "/healthz",
            "order-tool": _url(self._ports.order_tool) + "/healthz",
            "verifier": _url(self._ports.verifier) + "/healthz",
            "assistant": _url(self._ports.assistant) + "/healthz",
            **self._alerting.health,
        }
        for name, child in self._children.items():
            within_s = _LLM_READY_S if self._options.llm else _READY_S
            child.wait_ready(partial(_answers, health[name]), within_s=within_s)
        if self._options.alerts:
            self._children["prometheus"].wait_ready(self._alerting.has_scraped, within_s=_READY_S)
        self._make_proxies()

    def _make_proxies(self) -> None:
        ports = self._ports
        wanted = [
            {"name": name, "listen": f"{LOOPBACK}:{listen}", "upstream": f"{LOOPBACK}:{port}"}
            for name, listen, port in (
                ("primary", ports.primary_proxy, ports.primary_gate),
                ("secondary", ports.secondary_proxy, ports.secondary_gate),
            )
        ]
        url = _url(ports.toxiproxy) + "/populate"
        answer = httpx.post(url, json=wanted, trust_env=False, timeout=5)
        if not answer.is_success:
            raise StartError(f"Toxiproxy did not make the lab's proxies: {answer.text.strip()}")

    def write_files(self) -> LabState:
        """Write gameday.yaml and policy.yaml, and lab.json last: it says that all is there."""
        folder = self._options.state.resolve()
        self.describe("Written by `lab up` for the lab that runs now.")
        state = self._state(folder)
        unfinished = folder / "lab.json.new"
        unfinished.write_text(state.model_dump_json(indent=2) + "\n", encoding="utf-8")
        unfinished.replace(folder / "lab.json")
        return state

    def describe(self, about: str) -> None:
        """Write the target and policy files. Starts nothing."""
        folder = self._options.state.resolve()
        target = make_target(
            injector=self._options.injector_url,
            front_door=self._front_door,
            order_tool=_url(self._ports.order_tool),
            orders=_url(self._ports.orders_gate),
            logs={name: place.log for name, place in self._places.items()},
            secondary_model=self._changes.secondary_model,
            secondary_price_factor=self._changes.secondary_price_factor,
            alerts=self._alerting.described() if self._options.alerts else None,
            corpus_is_logged=self._changes.corpus_is_logged,
        )
        if self._options.llm:
            target = real_model.patient(target)
        write_yaml(folder / "gameday.yaml", target, about)
        write_yaml(folder / "policy.yaml", make_policy(), about)

    @property
    def _front_door(self) -> str:
        return _url(self._ports.assistant) + "/v1"

    @property
    def _places(self) -> dict[str, ProviderPlace]:
        ports = {"primary": self._ports.primary, "secondary": self._ports.secondary}
        return {
            name: ProviderPlace(url=_url(port), log=_url(port) + "/log")
            for name, port in ports.items()
        }

    @property
    def _upstreams(self) -> dict[str, str]:
        """What is behind each listener of the gate."""
        ports = self._ports
        return {
            **{name: place.url for name, place in self._places.items()},
            "orders": _url(ports.order_tool),
            "policy": _url(ports.verifier),
        }

    def _state(self, folder: Path) -> LabState:
        return LabState(
            pid=os.getpid(),
            front_door=self._front_door,
            toxiproxy=_url(self._ports.toxiproxy),
            providers=self._places,
            pids={name: child.pid for name, child in self._children.items()},
            defect=self._options.defect,
            target_file=str(folder / "gameday.yaml"),
            policy_file=str(folder / "policy.yaml"),
            gate_file=str(self._gate_file),
        )

    def watch(self) -> None:
        """Stay until a signal comes; say once when a part has ended by itself."""
        ended: set[str] = set()
        while True:
            time.sleep(0.25)
            for name, child in self._children.items():
                if name not in ended and child.exit_code() is not None:
                    ended.add(name)
                    sys.stderr.write(f"{name} ended by itself, code {child.exit_code()}\n")
                    sys.stderr.flush()

    def stop(self) -> None:
        with ThreadPoolExecutor(len(self._children)) as at_once:
            list(at_once.map(lambda child: child.stop(grace_s=2.0), self._children.values()))
        (self._options.state / "lab.json").unlink(missing_ok=True)


def _part(module: str, argument: str) -> list[str]:
    return [sys.executable, "-m", module, argument]


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False, timeout=1).is_success
    except httpx.HTTPError:
        return False


@contextlib.contextmanager
def _until_signal() -> Iterator[None]:
    """Turn SIGTERM and SIGINT into the end of the block, once; further ones change nothing."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        raise _StopRequested

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    with contextlib.suppress(_StopRequested):
        yield


def run_lab(options: LabOptions, changes: Changes) -> None:
    """Run the lab until a signal comes or the parent process is gone. Raises StartError."""
    options.state.mkdir(parents=True, exist_ok=True)
    (options.state / "lab.json").unlink(missing_ok=True)
    lab = Lab(options, changes)
    with _until_signal():
        leave_with_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
        try:
            lab.start()
            state = lab.write_files()
            defect = f" with {state.defect}" if state.defect else ""
            sys.stdout.write(f"lab is up{defect}: {state.front_door}  ({state.target_file})\n")
            sys.stdout.flush()
            lab.watch()
        finally:
            lab.stop()


def describe_lab(options: LabOptions, changes: Changes) -> None:
    """Write the files of a lab that does not run, with ports that happen to be free."""
    options.state.mkdir(parents=True, exist_ok=True)
    Lab(options, changes).describe("Written by `lab describe`; nothing listens at these ports.")
