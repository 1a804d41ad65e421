"""`gameday serve` is killed with -9 after it said yes: nothing that it confirmed is lost."""

import asyncio
import copy
from datetime import UTC, datetime

import httpx
import pytest

from gameday.catalog.files import load_serving
from gameday.serve.dispatcher import Dispatcher
from gameday.serve.inbox import Inbox
from gameday.serve.responding import Responding
from gameday.store.incidents import Incidents
from tests.gameday.serve.served import TOKEN, Served, folder_of
from tests.gameday.serve.test_dispatcher import Runs
from tests.gameday.serve.told import ALERTMANAGER, content, signed

TOLD = 40


def told(number):
    body = copy.deepcopy(ALERTMANAGER)
    body["alerts"][0] |= {
        "fingerprint": f"{number:016x}",
        "startsAt": datetime.now(UTC).isoformat(),
    }
    return content(body)


@pytest.fixture
def served(tmp_path):
    made = Served(folder_of(tmp_path))
    yield made
    made.stop()


async def post(http, sent):
    return await http.post(
        "/alertmanager", content=sent, headers=signed("alertmanager", sent, secret=TOKEN)
    )


async def test_what_was_confirmed_is_there_after_a_kill(served):
    """It is killed while deliveries come; each that was answered 202 must be on disk."""
    confirmed = set()

    async def tell(http, number):
        try:
            answer = await post(http, told(number))
        except httpx.TransportError:
            return
        assert answer.status_code == 202
        confirmed.add(f"{number:016x}")
        if len(confirmed) == TOLD // 2:
            served.kill()

    async with httpx.AsyncClient(base_url=served.url, trust_env=False, timeout=60) as http:
        await asyncio.gather(*(tell(http, number) for number in range(TOLD)))
    kept = {one.occurrence.key.partition("@")[0] for one in served.kept()}
    assert len(confirmed) >= TOLD // 2
    assert confirmed <= kept


async def test_what_waited_for_temporal_is_started_once_after_a_kill(served):
    sent = told(1)
    async with httpx.AsyncClient(base_url=served.url, trust_env=False, timeout=60) as http:
        assert (await post(http, sent)).status_code == 202
        served.kill()
        served.start()
        assert (await post(http, sent)).status_code == 202  # told again, as Alertmanager does
    served.stop()
    inbox, runs, said = Inbox(served.inbox_file), Runs(), []
    serving = load_serving(served.folder / "serve.yaml")
    runs.asked_by = "alert:team/alertmanager"
    responding = Responding(Incidents(served.folder), runs, said.append)
    for _ in range(2):
        assert await Dispatcher(serving, inbox, runs, responding, said.append).drain()
    inbox.close()
    assert list(runs.started.values()) == ["drill.yaml"]
    assert len(said) == 1
