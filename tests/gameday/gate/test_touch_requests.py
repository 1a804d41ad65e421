"""Requests that a fault changes on their way: what the provider gets, and who sees whose key."""

import asyncio
import json
from typing import ClassVar

import pytest

from gameday.domain.wire import Onward
from gameday.faults._gate import GateFault
from gameday.faults.model_swap import ModelSwap, Reported
from tests.gameday.gate.rig import (
    DONE,
    Upstream,
    chunk,
    echo,
    gate_before,
    reply,
    stream,
)

PATH = "/v1/chat/completions"


class Of(GateFault):
    """A fault that a test makes up, method by method."""

    legend: ClassVar[str] = "made up"
    reads_request: ClassVar[bool] = True
    touched: ClassVar[str] = "requests"


def made(**methods):
    settings = methods.pop("settings", {})
    return type("Made", (Of,), methods)(**settings)


def to(model, *, upstream="", path=None):
    """A fault that asks for another model, and for nothing else."""

    def on_request(self, hit):
        return Onward(path or hit.request.path, {**hit.request.body, "model": model}, upstream)

    return on_request


def asked_for(rig):
    return [json.loads(asked.body).get("model") for asked in rig.upstream.asked]


BODY = json.dumps({"model": "a", "n": 1}).encode()


async def test_the_provider_gets_another_body_whole_and_framed_and_the_gate_counts_it():
    async with gate_before(echo) as rig:
        rule = rig.arm(made(on_request=to("another-model-of-a-longer-name")))
        client = await rig.client()
        answer = await client.get(f"{PATH}?api-version=1", body=BODY, x_request_id="r-1", x_id="i")
        (asked,) = rig.upstream.asked
        assert json.loads(asked.body) == {"model": "another-model-of-a-longer-name", "n": 1}
        assert asked.header("content-length") == str(len(asked.body))
        assert asked.line == f"POST {PATH}?api-version=1 HTTP/1.1"
        assert json.loads(answer.body)["id"] == "i"  # every other header is as it was
        evidence = rule.state().evidence
        assert (evidence.matches, evidence.hits, evidence.request_ids) == (1, 1, ("r-1",))
        rule.end("cleared")
        await client.get(body=BODY)
        assert asked_for(rig)[-1] == "a"


async def test_a_chunked_request_goes_on_with_a_length():
    async with gate_before(echo) as rig:
        rig.arm(made(on_request=to("b")))
        client = await rig.client()
        client.send(
            b"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
            b"Content-MD5: old\r\n\r\n" + chunk(BODY[:5]) + chunk(BODY[5:]) + b"0\r\n\r\n"
        )
        assert (await client.answer()).status == 200
        (asked,) = rig.upstream.asked
        assert asked.header("transfer-encoding") is None
        assert asked.header("content-md5") is None
        assert json.loads(asked.body)["model"] == "b"


async def test_the_path_may_be_another_one_too():
    async with gate_before(echo) as rig:
        rig.arm(made(on_request=to("b", path="/openai/deployments/b/chat/completions")))
        await (await rig.client()).get("/openai/deployments/a/chat/completions?v=1", body=BODY)
        line = rig.upstream.asked[0].line
        assert line == "POST /openai/deployments/b/chat/completions?v=1 HTTP/1.1"


async def test_a_body_that_is_no_character_set_s_friend_goes_on():
    """Half a surrogate pair is valid JSON, and no valid UTF-8."""
    body = b'{"model":"a","messages":[{"role":"user","content":"\\ud83d \\u0e2a"}]}'
    async with gate_before(echo) as rig:
        rule = rig.arm(made(on_request=to("b")))
        assert (await (await rig.client()).get(body=body)).status == 200
        assert not rule.ended
        assert json.loads(rig.upstream.asked[0].body)["messages"] == json.loads(body)["messages"]


async def test_a_request_that_it_leaves_alone_passes_byte_for_byte_and_is_no_hit():
    body = b'{ "model" : "a" }'
    async with gate_before(echo) as rig:
        rule = rig.arm(made(on_request=lambda self, hit: None))
        await (await rig.client()).get(body=body)
        assert rig.upstream.asked[0].body == body
        assert rule.state().evidence.hits == 0
        assert rule.state().evidence.matches == 1


async def test_no_more_than_its_hits_are_changed():
    async with gate_before(echo) as rig:
        rule = rig.arm(made(on_request=to("b"), settings={"hits_max": 2}))
        client = await rig.client()
        for _ in range(4):
            await client.get(body=BODY)
        assert asked_for(rig) == ["b", "b", "a", "a"]
        assert rule.state().evidence.hits == 2


@pytest.mark.parametrize(
    "on_request",
    [
        lambda self, hit: 1 / 0,
        lambda self, hit: Onward(hit.request.path, {"model": object()}),
        lambda self, hit: Onward(hit.request.path, {}, "nowhere"),
    ],
    ids=["raises", "no-json", "no-such-place"],
)
async def test_a_fault_that_fails_there_is_ended_and_traffic_passes(on_request):
    async with gate_before(echo) as rig:
        rule = rig.arm(made(on_request=on_request))
        answer = await (await rig.client()).get(body=BODY)
        assert answer.status == 200
        assert rig.upstream.asked[0].body == BODY
        assert rule.ended.startswith("broken: ")
        assert rule.state().evidence.hits == 0


async def test_a_changed_request_is_sent_again_where_its_connection_had_been_given_up():
    async with gate_before(echo) as rig:
        rig.arm(made(on_request=to("b")))
        client = await rig.client()
        await client.get(body=BODY)
        for writer in rig.upstream.writers:
            writer.close()  # as a provider does with what stands idle, while the next comes
        assert (await client.get(body=BODY)).status == 200
        assert asked_for(rig)[-1] == "b"


# --- to another place -------------------------------------------------------------------------


class Elsewhere:
    """A second upstream, which is one of the gate's alternates."""

    def __init__(self, play=echo):
        self.upstream = Upstream(play)

    async def __aenter__(self):
        self._server = await asyncio.start_server(self.upstream.serve, "127.0.0.1", 0)
        self.upstream.port = self._server.sockets[0].getsockname()[1]
        return self.upstream

    async def __aexit__(self, *_):
        self._server.close()
        await self.upstream.stop()


def before_both(elsewhere, keys=None, **alternate):
    place = {"upstream": elsewhere.url, **alternate}
    return gate_before(echo, listener={"alternates": {"canary": place}}, keys=keys)


async def test_an_alternate_gets_the_request_and_never_the_client_s_key():
    async with Elsewhere() as elsewhere, before_both(elsewhere) as rig:
        rule = rig.arm(made(on_request=to("b", upstream="canary")))
        client = await rig.client()
        secrets = {"authorization": "Bearer sk-1", "x_api_key": "sk-2", "api_key": "sk-3"}
        answer = await client.get(body=BODY, x_id="i", cookie="session=4", **secrets)
        assert json.loads(answer.body)["id"] == "i"
        assert not rig.upstream.asked
        (asked,) = elsewhere.asked
        for name in ("authorization", "x-api-key", "api-key", "cookie"):
            assert asked.header(name) is None
        assert asked.header("host") == elsewhere.url.removeprefix("http://")
        rule.end("cleared")
        await client.get(body=BODY, **secrets)
        assert len(elsewhere.asked) == 1
        assert rig.upstream.asked[0].header("authorization") == "Bearer sk-1"


async def test_an_alternate_is_shown_the_key_that_is_its_own():
    keys = {"primary": {"canary": "sk-canary"}}
    async with Elsewhere() as elsewhere, before_both(elsewhere, keys, key="env:K") as rig:
        rig.arm(made(on_request=to("b", upstream="canary")))
        await (await rig.client()).get(body=BODY, authorization="Bearer sk-1")
        assert elsewhere.asked[0].header("authorization") == "Bearer sk-canary"


async def test_its_connections_are_kept_apart_from_the_provider_s():
    async with Elsewhere() as elsewhere, before_both(elsewhere) as rig:
        client = await rig.client()
        for turn in range(6):
            rule = rig.arm(made(on_request=to("b", upstream="canary")), rule_id=f"r{turn}")
            await client.get(body=BODY)
            rule.end("cleared")
            await client.get(body=BODY)
        assert (len(elsewhere.asked), len(rig.upstream.asked)) == (6, 6)
        assert (elsewhere.connections, rig.upstream.connections) == (1, 1)


async def test_an_alternate_that_is_not_there_is_the_gate_s_own_502():
    async with Elsewhere() as elsewhere:
        pass
    async with before_both(elsewhere) as rig:
        rule = rig.arm(made(on_request=to("b", upstream="canary")))
        client = await rig.client()
        answer = await client.get(body=BODY)
        assert (answer.status, answer.headers["x-gameday-gate"]) == (502, "upstream-unreachable")
        rule.end("cleared")
        assert (await client.get(body=BODY)).status == 200


async def test_a_rule_for_a_place_that_the_gate_file_does_not_name_is_refused():
    async with Elsewhere() as elsewhere, before_both(elsewhere) as rig:
        for wanted, status in (("canary", 200), ("http-evil", 422)):
            settings = {"to_model": "b", "to_upstream": wanted, "reported": "same"}
            fault = {"kind": "model_swap", "on": "provider/primary", "settings": settings}
            rule = {"id": wanted, "run_id": "R", "listener": "primary", "fault": fault}
            said = await rig.tell("PUT", f"/rules/{wanted}", {**rule, "lease_s": 5})
            assert said[0] == status
            await rig.tell("DELETE", "/rules/canary")
        assert said[1]["error"] == "listener primary has no alternate http-evil; it has canary"
        assert "alternates" in said[1]["next"]


# --- an answer under another name -------------------------------------------------------------


async def named(asked, writer):
    """Answers under the name that was asked for, with a fingerprint of its own."""
    model = json.loads(asked.body)["model"]
    names = {"model": model, "system_fingerprint": f"fp_{model}"}
    if asked.header("x-plain"):
        await reply(writer, json.dumps({**names, "choices": []}).encode())
    else:
        events = [{**names, "choices": [{"delta": {"content": word}}]} for word in ("One", " two")]
        lines = [b"data: " + json.dumps(event).encode() + b"\n\n" for event in events]
        await stream(writer, [*lines, DONE])


def names_in(answer):
    """Every model and fingerprint that an answer tells."""
    lines = [line.removeprefix(b"data: ") for line in answer.body.splitlines()]
    documents = [json.loads(line) for line in lines if line.startswith(b"{")]
    return {(one["model"], one["system_fingerprint"]) for one in documents}


@pytest.mark.parametrize("plain", [False, True])
async def test_a_swapped_answer_tells_the_name_that_the_provider_told(plain):
    headers = {"x_plain": "1"} if plain else {}
    async with gate_before(named) as rig:
        rule = rig.arm(ModelSwap(to_model="b", reported=Reported.SAME))
        client = await rig.client()
        answers = [await client.get(body=BODY, x_request_id=f"r{n}", **headers) for n in range(3)]
        assert asked_for(rig) == ["a", "b", "b"]  # the first is how the gate learns the name
        assert [names_in(answer) for answer in answers] == [{("a", "fp_a")}] * 3
        assert rule.state().evidence.request_ids == ("r1", "r2")
        rule.end("cleared")
        after = await client.get(body=BODY, **headers)
        assert names_in(after) == {("a", "fp_a")}
        assert asked_for(rig)[-1] == "a"
        assert after.body == answers[0].body


async def test_each_model_is_learnt_for_itself_and_pinned_ones_escape():
    async with gate_before(named) as rig:
        rig.arm(ModelSwap(to_model="b", reported=Reported.SAME, models=("a", "c")))
        client = await rig.client()
        said = []
        for model in ("a", "c", "a", "c", "a-2026"):
            body = json.dumps({"model": model}).encode()
            said += names_in(await client.get(body=body))
        assert asked_for(rig) == ["a", "c", "b", "b", "a-2026"]
        assert said == [(m, f"fp_{m}") for m in ("a", "c", "a", "c", "a-2026")]


async def test_a_swapped_answer_tells_the_truth_when_it_is_told_to():
    async with gate_before(named) as rig:
        rig.arm(ModelSwap(to_model="b", reported=Reported.CHANGED))
        answer = await (await rig.client()).get(body=BODY)
        assert names_in(answer) == {("b", "fp_b")}


async def test_few_callers_are_swapped_at_first_and_then_more_and_they_stay_swapped():
    callers = [f"caller-{n}" for n in range(300)]

    async def swapped(client):
        before = len(rig.upstream.asked)
        for caller in callers:
            await client.get(body=BODY, x_user=caller)
        return {
            asked.header("x-user")
            for asked in rig.upstream.asked[before:]
            if json.loads(asked.body)["model"] == "b"
        }

    async with gate_before(echo) as rig:
        fault = ModelSwap.model_validate(
            {
                "to_model": "b",
                "reported": "changed",
                "share": 0.02,
                "later": [{"after": "1h", "share": 0.3}],
                "sticky_by": "header:x-user",
            }
        )
        rule = rig.arm(fault)
        client = await rig.client()
        first = await swapped(client)
        assert first == await swapped(client)
        rule._armed_s -= 3_600  # an hour has passed
        second = await swapped(client)
        assert second == await swapped(client)
    assert 0 < len(first) < 20
    assert 60 < len(second) < 120
    assert first < second
