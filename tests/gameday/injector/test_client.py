"""The client: what it asks comes back as values, and a no differs from no answer."""

from pathlib import Path

import pytest

from gameday.domain.errors import InjectorRefusedError, InjectorUnreachableError
from gameday.domain.gate import MarkerMatch
from gameday.domain.lease import ClearedBy, FaultState
from gameday.domain.statement import Says, Statement
from gameday.injector.client import InjectorClient
from gameday.supervisor.ports import free_port
from tests.gameday.injector.gate_rig import GateProcess, Provider
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
    yes = Statement(says=Says.APPROVE, digest="digest", run_id="RUN1")
    assert (await client.say(yes, by="ann")).how == "known by name only"
    heard = await client.heard("digest", run_id="RUN1", asked_by="bob")
    assert (heard.approved_by, heard.by_name_only) == (("ann",), True)
    assert (await client.heard("digest", run_id="RUN2", asked_by="bob")).approved_by == ()
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


async def test_watches_against_a_real_gate(tmp_path: Path):
    provider = Provider()
    gate = GateProcess(tmp_path, provider.url)
    gate.start()
    injector = InjectorProcess(tmp_path, gates=[gate.file])
    try:
        injector.start()
        client = injector.client
        assert (await client.health()).gates == {"lab": True}
        begun = await client.watch("RUN1", MarkerMatch(header="x-gameday"))
        assert (begun.run_id, begun.calls) == ("RUN1", 0)
        gate.ask(x_gameday="RUN1.r1")
        gate.ask()
        seen = await client.watched("RUN1")
        assert (seen.traffic["primary"].marked, seen.traffic["primary"].unmarked) == (1, 1)
        first, second = await client.calls("RUN1")
        assert (first.run_id, first.request_id, second.run_id) == ("RUN1", "r1", "")
        await client.unwatch("RUN1")
        with pytest.raises(InjectorRefusedError, match="is not watched everywhere"):
            await client.watched("RUN1")
        assert (await client.watch("RUN2", None)).calls == 0
        gate.kill()
        with pytest.raises(InjectorUnreachableError, match=r"the gate lab .* did not answer"):
            await client.watched("RUN2")
        assert (await client.health()).gates == {"lab": False}
    finally:
        injector.end()
        gate.end()
        provider.close()
