"""How soon a run is at Temporal after its alert, and how many a second, beside bare starts."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
from temporalio.client import Client

from bench import cores
from bench.goals import Figures
from bench.numbers import at, rounded
from bench.serve.receiver import Receiver, receiver
from bench.serve.telling import delivery
from gameday.cli.planning import prepare, request_for
from gameday.cli.starting import start_run
from gameday.supervisor.ports import free_ports
from gameday.supervisor.temporal import connect, temporal_answers, temporal_child

_READY_S_MAX = 60.0


def figures(folder: Path, where: cores.Cores, alone: int, together: int) -> Figures:
    """alone: alerts that come one by one. together: alerts that come at once."""
    port, ui_port = free_ports(2)
    temporal = temporal_child(folder, port=port, ui_port=ui_port)
    temporal.start()
    try:
        temporal.wait_ready(lambda: temporal_answers(port), within_s=_READY_S_MAX)
        with receiver(folder, where, f"127.0.0.1:{port}") as serving:
            return asyncio.run(_measured(serving, f"127.0.0.1:{port}", alone, together))
    finally:
        temporal.stop()


async def _measured(serving: Receiver, address: str, alone: int, together: int) -> Figures:
    client = await connect(address)
    took_ms = []
    for number in range(alone):
        sent = _tell(serving, [f"alone-{number}"])
        took_ms.append(1000 * (max(await _started(client, number + 1)) - sent))
    sent = _tell(serving, [f"together-{number}" for number in range(together)])
    started = await _started(client, alone + together)
    burst_s = max(started) - sent
    bare_s = await _bare(client, serving.target, together)
    return {
        "runs": len(started),
        "started_ms_p50": rounded(at(took_ms, 0.5)),
        "started_ms_max": rounded(max(took_ms)),
        "runs_per_s": rounded(together / burst_s),
        "temporal_alone_per_s": rounded(together / bare_s),
    }


def _tell(serving: Receiver, alerts: list[str]) -> float:
    """When the first was sent, in seconds since 1970; all of them are dealt with afterwards."""
    began = time.time()
    with httpx.Client(base_url=serving.url, trust_env=False, timeout=60) as http:
        for alert in alerts:
            body, headers = delivery(alert, "Started")
            http.post("/grafana", content=body, headers=headers).raise_for_status()
    serving.until_dealt_with()
    return began


async def _started(client: Client, count: int) -> list[float]:
    """When each run began by Temporal's clock, which is this machine's. The list comes late."""
    while True:
        found = [one.start_time.timestamp() async for one in client.list_workflows("")]
        if len(found) >= count:
            return sorted(found)
        await asyncio.sleep(0.05)


async def _bare(client: Client, target: Path, count: int) -> float:
    """Seconds that as many starts of the same drill take, one after the other, with it at hand."""
    prepared = await asyncio.to_thread(prepare, "provider-outage", (), target, "lab")
    now = datetime.now(UTC)
    requests = [
        request_for(prepared, target.parent, "bench", f"BARE{number}{now:%H%M%S}")
        for number in range(count)
    ]
    began = time.perf_counter()
    for request in requests:
        await start_run(client, request)
    return time.perf_counter() - began
