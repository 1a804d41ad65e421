"""What watches the assistant: a real Prometheus, a real Alertmanager and a sink as its pager.

Everything is asked and evaluated every second, so that a drill of half a minute can see an alert
come and go.
"""

import json
import sys
from pathlib import Path
from typing import Any

import httpx

from gameday.domain.alerts import Alerts
from gameday.domain.value import Value
from gameday.supervisor.child import Child
from gameday.supervisor.ports import LOOPBACK
from gameday.supervisor.programs import alertmanager_server, prometheus_server
from lab.defects import Changes

ON_FALLBACK, FAILING, DEARER = "AssistantOnFallback", "AssistantFailing", "AssistantDearer"
RECEIVER = "pager"
_EVERY_S = 1.0
_DEAR_USD = 0.00025  # for an answer; the primary's usually cost 0.00015
_OVER = "[6s]"  # of rates: a few scrapes, so that an alert clears soon


class AlertingPorts(Value):
    """Where each part listens."""

    prometheus: int
    alertmanager: int
    sink: int


class Alerting:
    """The three parts, and their files in the lab's folder."""

    def __init__(self, folder: Path, ports: AlertingPorts) -> None:
        self._folder = folder / "alerting"
        self._logs = folder / "logs"
        self._ports = ports

    @property
    def health(self) -> dict[str, str]:
        """Where each part says that it is ready."""
        return {
            "prometheus": f"{_url(self._ports.prometheus)}/-/ready",
            "alertmanager": f"{_url(self._ports.alertmanager)}/-/ready",
            "sink": f"{_url(self._ports.sink)}/healthz",
        }

    def has_scraped(self) -> bool:
        """Whether Prometheus has figures of the assistant: it is ready before its first look."""
        url = f"{_url(self._ports.prometheus)}/api/v1/query"
        query = {"query": "assistant_requests_total"}
        answer = httpx.get(url, params=query, trust_env=False, timeout=2)
        return answer.is_success and bool(answer.json()["data"]["result"])

    def described(self) -> Alerts:
        """The target's `alerts:`."""
        return Alerts(
            prometheus=_url(self._ports.prometheus),
            alertmanager=_url(self._ports.alertmanager),
            sink=_url(self._ports.sink),
            labels={"service": "assistant"},
            cleared_within="30s",
            scrape_interval=f"{_EVERY_S:g}s",
        )

    def children(self) -> dict[str, Child]:
        """Each part as a process. Raises StartError where a program is missing."""
        argv = {
            "prometheus": self._prometheus(),
            "alertmanager": self._alertmanager(),
            "sink": self._sink(),
        }
        return {
            name: Child(name, words, log=self._logs / f"{name}.log") for name, words in argv.items()
        }

    def write_files(self, assistant_port: int, changes: Changes) -> None:
        """Write both configurations; JSON is YAML, too."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, document in {
            "prometheus.yml": self._scrapes(assistant_port),
            "rules.yml": {"groups": [{"name": "assistant", "rules": _rules(changes)}]},
            "alertmanager.yml": self._routes(changes),
        }.items():
            (self._folder / name).write_text(json.dumps(document, indent=1) + "\n")

    def _prometheus(self) -> list[str]:
        return [
            prometheus_server(),
            f"--config.file={self._folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={self._folder / 'prometheus'}",
            "--storage.tsdb.retention.time=1d",
            f"--web.listen-address={LOOPBACK}:{self._ports.prometheus}",
            "--log.level=warn",
        ]

    def _alertmanager(self) -> list[str]:
        return [
            alertmanager_server(),
            f"--config.file={self._folder / 'alertmanager.yml'}",
            f"--storage.path={self._folder / 'alertmanager'}",
            f"--web.listen-address={LOOPBACK}:{self._ports.alertmanager}",
            "--cluster.listen-address=",  # it stands alone
            "--log.level=warn",
        ]

    def _sink(self) -> list[str]:
        argv = [sys.executable, "-m", "gameday.sources", "--with-parent"]
        argv += ["--listen", f"{LOOPBACK}:{self._ports.sink}"]
        return [*argv, "--file", str(self._folder / "received.jsonl")]

    def _scrapes(self, assistant_port: int) -> dict[str, Any]:
        every = f"{_EVERY_S:g}s"
        return {
            "global": {"scrape_interval": every, "evaluation_interval": every},
            "rule_files": [str(self._folder / "rules.yml")],
            "scrape_configs": [
                {
                    "job_name": "assistant",
                    "static_configs": [{"targets": [f"{LOOPBACK}:{assistant_port}"]}],
                }
            ],
            "alerting": {
                "alertmanagers": [
                    {"static_configs": [{"targets": [f"{LOOPBACK}:{self._ports.alertmanager}"]}]}
                ]
            },
        }

    def _routes(self, changes: Changes) -> dict[str, Any]:
        route: dict[str, Any] = {"receiver": RECEIVER, "matchers": ["severity = page"]}
        if changes.pager_is_muted:
            route["mute_time_intervals"] = ["always"]
        waits = {"group_wait": "500ms", "group_interval": "1s", "repeat_interval": "1h"}
        return {
            "route": {
                "receiver": "nobody",
                "group_by": ["alertname"],
                **waits,
                "routes": [route],
            },
            "receivers": [
                {"name": "nobody"},
                {
                    "name": RECEIVER,
                    "webhook_configs": [{"url": f"{_url(self._ports.sink)}/notifications"}],
                },
            ],
            # From one end of the day to the other.
            "time_intervals": [
                {
                    "name": "always",
                    "time_intervals": [
                        {"times": [{"start_time": "00:00", "end_time": "24:00"}]},
                    ],
                }
            ],
        }


def _rules(changes: Changes) -> list[dict[str, Any]]:
    """Each alert is about many requests, so that a single one does not ring."""
    label = "served_by" if changes.alert_asks_wrongly else "provider"
    by_secondary = f'sum(rate(assistant_answers_total{{{label}="secondary"}}{_OVER}))'
    failed = f'sum(rate(assistant_requests_total{{outcome!="ok"}}{_OVER}))'
    cost_usd = f"sum(rate(assistant_cost_usd_total{_OVER}))"
    answers = f"sum(rate(assistant_answers_total{_OVER}))"
    return [
        _rule(ON_FALLBACK, f"{by_secondary} / {answers} > 0.3"),
        _rule(FAILING, f"{failed} / sum(rate(assistant_requests_total{_OVER})) > 0.3"),
        _rule(DEARER, f"{cost_usd} / {answers} > {_DEAR_USD}"),
    ]


def _rule(name: str, query: str) -> dict[str, Any]:
    labels = {"severity": "page", "service": "assistant"}
    return {"alert": name, "expr": query, "for": "2s", "labels": labels}


def _url(port: int) -> str:
    return f"http://{LOOPBACK}:{port}"
