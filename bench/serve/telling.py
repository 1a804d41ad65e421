"""Tells of alerts at a steady rate, signed as Grafana does, whether or not answers come.

python -m bench.serve.telling URL RATE_PER_S SECONDS: what was seen, as one JSON document.
"""

import asyncio
import hashlib
import hmac
import json
import sys
import time
from datetime import UTC, datetime

import httpx

from bench.numbers import at, rounded
from gameday.domain.value import Value

SECRET = "a secret of the benchmark"  # noqa: S105 - it guards nothing
_CONNECTIONS = 20
_HEADER = "X-Grafana-Alerting-Signature"


class Told(Value):
    """What was sent and what was answered. confirmed: the fingerprints that were answered 202."""

    sent: int
    confirmed: tuple[str, ...]
    took_ms: tuple[float, ...]

    def answered_ms(self, quantile: float) -> float:
        """From the moment at which a delivery was due, so that a queue of ours counts too."""
        return rounded(at(self.took_ms, quantile))


async def tell(url: str, rate_per_s: int, seconds: int) -> Told:
    """Each delivery has an alert of its own, in a body such as Grafana's."""
    limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS)
    async with (
        httpx.AsyncClient(base_url=url, limits=limits, trust_env=False, timeout=60) as http,
        asyncio.TaskGroup() as together,
    ):
        start, sent = time.perf_counter(), []
        for number in range(rate_per_s * seconds):
            due = start + number / rate_per_s
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            sent.append(together.create_task(_tell_one(http, number, due)))
    answers = [answer for one in sent if (answer := one.result())]
    return Told(
        sent=len(sent),
        confirmed=tuple(told for told, status, _ in answers if status == httpx.codes.ACCEPTED),
        took_ms=tuple(ms for _, _, ms in answers),
    )


async def _tell_one(
    http: httpx.AsyncClient, number: int, due: float
) -> tuple[str, int, float] | None:
    """Its fingerprint, the answer's status, and how long that took; None without an answer."""
    fingerprint = f"{number:016x}"
    sent, headers = delivery(fingerprint)
    try:
        answer = await http.post("/grafana", content=sent, headers=headers)
    except httpx.TransportError:
        return None
    return fingerprint, answer.status_code, 1000 * (time.perf_counter() - due)


def delivery(fingerprint: str, alertname: str = "Loaded") -> tuple[bytes, dict[str, str]]:
    """A body such as Grafana's with this one alert, and what it is signed with."""
    body = _body(fingerprint, alertname)
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return body, {_HEADER: signature}


def _body(fingerprint: str, alertname: str) -> bytes:
    alert = {
        "status": "firing",
        "labels": {"alertname": alertname, "team": "blue", "zone": "us-1", "severity": "page"},
        "annotations": {"summary": "The assistant is slow", "description": "x" * 400},
        "startsAt": datetime.now(UTC).isoformat(),
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "https://grafana.example/alerting/edit",
        "fingerprint": fingerprint,
        "values": {"B": 44.2, "C": 1},
    }
    group = {"receiver": "gameday", "status": "firing", "version": "1", "groupKey": "{}:{}"}
    return json.dumps({**group, "alerts": [alert], "title": "[FIRING:1]"}).encode()


if __name__ == "__main__":
    url, rate_per_s, seconds = sys.argv[1:]
    print(asyncio.run(tell(url, int(rate_per_s), int(seconds))).model_dump_json())
