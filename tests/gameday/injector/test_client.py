"""The client: what it asks comes back as values, and a no differs from no answer."""

import pytest

from gameday.domain.errors import InjectorRefusedError, InjectorUnreachableError
from gameday.domain.lease import ClearedBy, FaultState
from gameday.injector.client import InjectorClient
from gameday.supervisor.ports import free_port
from tests.gameday.injector.rig import InjectorProcess, Proxied, injection


async def test_every_call_against_a_real_injector(injector: InjectorProcess, primary: Proxied):
    client = injector.client
    health = await client.health()
    assert (health.toxiproxy, health.stopped, health.policy) == (True, False, "tests")
    assert await client.check(injection()) == ""
    assert (await client.arm("f1", injection())).state is FaultState.ARMED
    assert (await client.arm("f1", injection())).state is FaultState.ARMED
    with pytest.raises(InjectorRefusedError, match="held by run RUN1") as caught:
        await client.arm("f2", injection())
    assert caught.value.next_step
    assert (await client.renew("f1")).state is FaultState.ARMED
    assert [record.id for record in await client.faults("RUN1")] == ["f1"]
    assert await client.faults("NONE") == []
    assert (await client.clear("f1", ClearedBy.RESTORE)).cleared_by is ClearedBy.RESTORE
    assert (await client.get("f1")).state is FaultState.CLEARED
    assert [event.what for event in await client.journal("RUN1")] == ["armed", "cleared"]
    assert await client.approve("digest", "ann") == 1
    assert await client.stop() == []
    assert await client.check(injection()) == "the injector is stopped"
    await client.resume()
    with pytest.raises(InjectorRefusedError, match="no fault f9"):
        await client.renew("f9")
    assert primary.is_clean()


async def test_a_wrong_token_is_a_no(injector: InjectorProcess):
    with pytest.raises(InjectorRefusedError, match="token"):
        await InjectorClient(injector.url, "wrong").stop()


async def test_nobody_there_is_no_answer():
    client = InjectorClient(f"http://127.0.0.1:{free_port()}", "any", timeout_s=1)
    with pytest.raises(InjectorUnreachableError, match="did not answer GET /health"):
        await client.health()


async def test_toxiproxy_away_is_no_answer(injector: InjectorProcess, primary: Proxied):
    primary.server.child.kill()
    try:
        with pytest.raises(InjectorUnreachableError, match="Toxiproxy"):
            await injector.client.arm("f1", injection())
        assert not (await injector.client.health()).toxiproxy
    finally:
        primary.server.start()
        primary.server.create("primary", primary.upstream.address)
    assert (await injector.client.arm("f1", injection())).state is FaultState.ARMED
