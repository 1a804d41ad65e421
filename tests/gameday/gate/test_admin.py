"""The admin port: rules and watches, for whoever has the token."""

import asyncio
import json

import pytest

from gameday.domain.gate import GateState, RuleState
from tests.gameday.gate.rig import gate_before, request, until


def rule(rule_id="r1", *, listener="primary", lease_s=30.0, scope="all", **fault):
    return {
        "id": rule_id,
        "run_id": "RUN",
        "listener": listener,
        "lease_s": lease_s,
        "fault": {"kind": "rate_limit", "on": "provider/primary", "scope": scope, **fault},
    }


def state(said):
    return RuleState.model_validate_json(json.dumps(said))


async def test_a_rule_is_put_seen_renewed_and_cleared():
    async with gate_before() as rig:
        client = await rig.client()
        status, said = await rig.tell("PUT", "/rules/r1", rule())
        assert (status, state(said).kind, state(said).ended) == (200, "rate_limit", "")
        assert (await client.get(x_request_id="one")).status == 429
        status, said = await rig.tell("POST", "/rules/r1/renew", {"lease_s": 100})
        assert status == 200
        assert 99 < state(said).expires_in_s <= 100
        status, said = await rig.tell("GET", "/rules/r1")
        assert state(said).evidence.hits == 1
        status, said = await rig.tell("DELETE", "/rules/r1")
        assert (status, state(said).ended) == (200, "cleared")
        assert state(said).evidence.request_ids == ("one",)
        assert (await client.get()).status == 200
        # It is remembered, can be cleared again, and comes to no new life.
        assert state((await rig.tell("GET", "/rules/r1"))[1]).ended == "cleared"
        assert (await rig.tell("DELETE", "/rules/r1"))[0] == 200
        assert (await rig.tell("POST", "/rules/r1/renew", {"lease_s": 5}))[0] == 409
        assert (await rig.tell("PUT", "/rules/r1", rule()))[0] == 409
        assert (await client.get()).status == 200


async def test_a_rule_dies_with_its_lease_and_not_before():
    async with gate_before() as rig:
        loop = asyncio.get_running_loop()
        client = await rig.client()
        await rig.tell("PUT", "/rules/r1", rule(lease_s=0.4))
        began = loop.time()
        assert (await client.get()).status == 429
        await rig.tell("POST", "/rules/r1/renew", {"lease_s": 0.4})
        renewed = loop.time()
        while (await client.get()).status == 429:
            assert loop.time() - renewed < 5
        assert loop.time() - began >= 0.39
        assert state((await rig.tell("GET", "/rules/r1"))[1]).ended == "lease"


async def test_the_same_rule_can_be_put_again_and_another_cannot():
    async with gate_before() as rig:
        await rig.tell("PUT", "/rules/r1", rule(lease_s=10))
        await (await rig.client()).get()
        status, said = await rig.tell("PUT", "/rules/r1", rule(lease_s=20))
        assert status == 200
        assert state(said).expires_in_s > 19
        assert state(said).evidence.hits == 1
        status, said = await rig.tell("PUT", "/rules/r1", rule(limit="tpm"))
        assert status == 409
        status, said = await rig.tell("PUT", "/rules/r2", rule("r2"))
        assert status == 409
        assert "r1" in said["error"]
        assert said["next"]
        await rig.tell("DELETE", "/rules/r1")
        assert (await rig.tell("PUT", "/rules/r2", rule("r2")))[0] == 200


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (rule(listener="other"), "primary"),
        (rule(kind="no_such"), "no_such"),
        (rule(kind="connection_refused"), "gate"),
        (rule(nonsense=1), "nonsense"),
        (rule(scope="marked"), "marker"),
        (rule(scope="share"), "share"),
        (rule(lease_s=-1), "lease_s"),
        (rule("other-id"), "other-id"),
        ({}, "id"),
        ([], "rule"),
    ],
)
async def test_a_rule_that_cannot_be_is_refused_in_a_sentence(body, word):
    async with gate_before() as rig:
        status, said = await rig.tell("PUT", "/rules/r1", body)
        assert status == 422
        assert word in said["error"]
        assert rig.listener.rule is None


async def test_a_fault_that_the_dialect_does_not_know_is_refused():
    async with gate_before() as rig:
        status, said = await rig.tell(
            "PUT", "/rules/r1", rule(kind="http_error", status=529, scope="all")
        )
        assert status in {200, 422}
        if status == 422:
            assert "openai" in said["error"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/rules/unknown", 404),
        ("DELETE", "/rules/unknown", 404),
        ("POST", "/rules/unknown/renew", 422),
        ("GET", "/watches/unknown", 404),
        ("DELETE", "/watches/unknown", 404),
        ("GET", "/watches/unknown/calls", 404),
        ("GET", "/watches/unknown/calls?from=x", 422),
        ("PATCH", "/rules/r1", 405),
        ("GET", "/rules", 404),
        ("GET", "/rules/a%2Fb", 422),
        ("GET", "/nothing", 404),
        ("GET", "/rules/r1/renew/now", 404),
    ],
)
async def test_what_is_not_there_is_said(method, path, status):
    async with gate_before() as rig:
        found, said = await rig.tell(method, path)
        assert found == status
        assert said["error"]


async def test_nothing_but_health_without_the_token():
    async with gate_before() as rig:
        for method, path in (("GET", "/state"), ("PUT", "/rules/r1"), ("DELETE", "/watches/a")):
            for token in ("wrong", "", "a-toke", "a-tokenn"):
                assert (await rig.tell(method, path, token=token))[0] == 401
        status, said = await rig.tell("GET", "/health", token="")
        assert (status, set(said)) == (200, {"boot", "pid"})


async def test_the_state_tells_everything():
    async with gate_before() as rig:
        client = await rig.client()
        await client.get()
        await rig.tell("PUT", "/rules/r1", rule())
        _, said = await rig.tell("GET", "/state")
        found = GateState.model_validate_json(json.dumps(said))
        listener = found.listeners[0]
        assert (listener.name, listener.requests, listener.open) == ("primary", 1, 1)
        assert listener.upstream == rig.upstream.url
        assert [one.id for one in found.rules] == ["r1"]
        assert found.boot == (await rig.tell("GET", "/health"))[1]["boot"]


async def test_calls_are_bounded_and_bad_ones_are_refused():
    async with gate_before() as rig:
        large = await rig.admin_client()
        large.send(request("/rules/r1", b"x" * 300_000, method="PUT"))
        assert (await large.answer()).status == 413
        assert await large.ended()
        bad = await rig.admin_client()
        bad.send(b"NONSENSE\r\n\r\n")
        assert (await bad.answer()).status == 400


async def test_a_connection_may_be_kept_and_may_be_left():
    async with gate_before() as rig:
        client = await rig.admin_client()
        for _ in range(3):
            client.ask("/health", b"", method="GET")
            assert (await client.answer()).status == 200
        client.ask("/state", b"", method="GET", authorization="Bearer a-token")
        client.writer.transport.abort()
        await until(lambda: not rig.gate._admin.connections)


async def test_clearing_is_quick_and_lets_fifty_go_at_once():
    """Generous bounds: what they guard against is a wait, which would be seconds."""
    async with gate_before() as rig:
        loop = asyncio.get_running_loop()
        await rig.tell(
            "PUT", "/rules/r1", rule(kind="slow_first_token", latency_ms=60_000, before="headers")
        )
        clients = [await rig.client() for _ in range(50)]
        for client in clients:
            client.ask()
        await until(lambda: rig.listener.rule.state().evidence.held == 50)
        began = loop.time()
        await rig.tell("DELETE", "/rules/r1")
        for client in clients:
            assert (await client.answer()).status == 200
        assert loop.time() - began < 2


async def test_ended_rules_are_forgotten_in_the_end(monkeypatch):
    monkeypatch.setattr("gameday.gate.rulebook._REMEMBERED_MAX", 3)
    async with gate_before() as rig:
        for number in range(6):
            await rig.tell("PUT", f"/rules/r{number}", rule(f"r{number}"))
            await rig.tell("DELETE", f"/rules/r{number}")
        _, said = await rig.tell("GET", "/state")
        assert [one["id"] for one in said["rules"]] == ["r3", "r4", "r5"]
        monkeypatch.setattr("gameday.gate.rulebook._REMEMBERED_S", 0.0)
        await asyncio.sleep(0.01)
        assert (await rig.tell("GET", "/state"))[1]["rules"] == []
        assert (await rig.tell("GET", "/rules/r5"))[0] == 404
