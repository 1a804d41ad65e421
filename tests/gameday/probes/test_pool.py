"""How connections are shared out when many requests are due at once."""

import asyncio
import time

from gameday.domain.sample import Outcome
from tests.gameday.probes.wire_rig import Wait, body, due, front_door, question, whole

PROMPT = [whole(body())]


async def ask_at_once(client, count):
    return await asyncio.gather(*(client.ask(question(), due(seq)) for seq in range(count)))


async def test_a_burst_waits_for_answers_and_not_for_hundreds_of_connections():
    async with front_door(lambda _request, _n: PROMPT) as (door, client):
        samples = await ask_at_once(client, 400)
    assert {sample.outcome for sample in samples} == {Outcome.OK}
    assert len({sample.request_id for sample in samples}) == len(door.requests) == 400
    assert door.connections < 400


async def test_whoever_waits_for_the_client_itself_was_sent_late():
    """The requests beyond the first connections leave later than they were due, and say so."""
    async with front_door(lambda _request, _n: PROMPT) as (_, client):
        asked = time.monotonic()
        samples = await ask_at_once(client, 400)
        lasted_ms = 1000 * (time.monotonic() - asked)
    lags_ms = [sample.send_lag_ms for sample in samples]
    assert max(lags_ms) > min(lags_ms)
    assert all(0 <= sample.send_lag_ms <= sample.latency_ms <= lasted_ms for sample in samples)


async def test_a_server_that_answers_nobody_gets_a_connection_for_each():
    async with front_door(lambda _request, _n: [Wait(0.5), *PROMPT]) as (door, client):
        samples = await ask_at_once(client, 100)
    assert {sample.outcome for sample in samples} == {Outcome.OK}
    assert door.connections == 100


async def test_who_has_given_up_while_waiting_gets_none():
    async with front_door(lambda _request, _n: PROMPT) as (door, client):
        samples = await asyncio.gather(
            *(client.ask(question(), due(seq, hangs_up_after_s=1e-9)) for seq in range(50))
        )
        assert {sample.outcome for sample in samples} <= {Outcome.LEFT, Outcome.OK}
        again = await client.ask(question(), due())
        assert again.outcome is Outcome.OK
        assert len(door.requests) <= 51
