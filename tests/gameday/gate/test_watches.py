"""A watch sees whose calls come, and how each one ends."""

import asyncio
import json

import pytest

from gameday.domain.gate import Call, MarkerMatch, Traffic, WatchState
from gameday.domain.wire import Answer, End, Ending
from gameday.faults._gate import Edits
from gameday.gate import watchbook, watches
from tests.gameday.gate.rig import SSE_HEAD, chunk, echo, gate_before, reply, token, until
from tests.gameday.gate.test_touch import made, refusing, words

HEADER = {"marker": {"header": "x-gameday"}}


async def watch(rig, run_id="RUN", order=HEADER):
    status, said = await rig.tell("PUT", f"/watches/{run_id}", order)
    assert status == 200, said
    return WatchState.model_validate(said)


async def traffic(rig, run_id="RUN"):
    _, said = await rig.tell("GET", f"/watches/{run_id}")
    return WatchState.model_validate(said).traffic["primary"]


async def calls(rig, run_id="RUN"):
    _, said = await rig.tell("GET", f"/watches/{run_id}/calls?from=0")
    return [Call.model_validate_json(json.dumps(call)) for call in said["calls"]]


async def test_calls_are_told_apart_by_their_marker_and_timed():
    async with gate_before() as rig:
        client = await rig.client()
        await client.get(x_gameday="RUN.0")  # before anybody watches
        assert (await watch(rig)).calls == 0
        await client.get(x_gameday="RUN.1")
        await client.get(x_gameday="OTHER.2")
        await client.get(x_request_id="abc")
        counted = await traffic(rig)
        assert (counted.marked, counted.unmarked, counted.unmarked_bad) == (1, 2, 0)
        assert counted.unmarked_ms > 0
        found = await calls(rig)
        assert [(call.run_id, call.request_id) for call in found] == [
            ("RUN", "1"), ("OTHER", "2"), ("", "abc"),
        ]  # fmt: skip
        for call in found:
            assert (call.provider, call.status, call.whole) == ("primary", 200, True)
            assert call.started_at <= call.ended_at
            assert not call.client_left
        assert (await rig.tell("DELETE", "/watches/RUN"))[0] == 200
        assert rig.listener.watches == ()
        assert (await rig.tell("GET", "/watches/RUN"))[0] == 404


async def test_a_marker_in_the_body_is_found_without_holding_the_body_up():
    async def play(asked, writer):
        await echo(asked, writer)

    async with gate_before(play) as rig:
        await watch(rig, order={"marker": {"body": "metadata.gameday"}})
        client = await rig.client()
        await client.get(body=b'{"metadata":{"gameday":"RUN.5"}}')
        await client.get(body=b"{}")
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in (b'{"metadata":', b'{"gameday":"RUN.6"}}'):
            client.send(chunk(piece))
            await asyncio.sleep(0.02)
        client.send(b"0\r\n\r\n")
        await client.answer()
        counted = await traffic(rig)
        assert (counted.marked, counted.unmarked) == (2, 1)
        assert [call.request_id for call in await calls(rig)] == ["5", "", "6"]


async def test_a_watch_without_a_marker_knows_nobody():
    async with gate_before() as rig:
        await watch(rig, order={})
        await (await rig.client()).get(x_gameday="RUN.1")
        assert (await traffic(rig)).unmarked == 1


async def test_what_goes_wrong_is_told_and_so_is_who_did_it():
    async def play(asked, writer):
        kind = asked.header("x-kind")
        if kind == "error":
            await reply(writer, b"no", "503 Service Unavailable")
        elif kind == "cut":
            writer.write(SSE_HEAD + chunk(token("x")))
            await writer.drain()
            writer.close()
        elif kind == "slow":
            await asyncio.sleep(60)
        else:
            await words(asked, writer)

    async with gate_before(play) as rig:
        await watch(rig)
        for kind in ("error", "cut", "slow"):
            client = await rig.client()
            client.ask(x_kind=kind)
            if kind == "slow":
                await until(lambda: any(one.exchange for one in rig.listener.upstreams))
            else:
                await client.head()
            if kind == "cut":
                assert b"data" in await client.reader.read()
            client.close()
            await until(rig.is_at_rest)
        rig.arm(refusing(), rule_id="refuses")
        await (await rig.client()).get(x_gameday="RUN.1")
        rig.arm(
            made(on_event=lambda self, hit, event: (End(Ending.CLEAN),), edits=Edits.STREAM),
            rule_id="cuts",
        )
        await (await rig.client()).get()
        rig.arm(made(instead=lambda self, hit: None), rule_id="does-nothing")
        await (await rig.client()).get()
        rig.listener.rule.end("cleared")
        told = [
            (call.status, call.whole, call.client_left, call.fault_id) for call in await calls(rig)
        ]
        assert told == [
            (503, True, False, ""),
            (200, False, False, ""),
            (None, False, True, ""),
            (429, True, False, "refuses"),
            (200, False, False, "cuts"),
            (200, True, False, ""),
        ]
        counted = await traffic(rig)
        assert (counted.marked, counted.unmarked, counted.unmarked_bad) == (1, 5, 3)


async def test_a_call_under_way_has_no_end_yet():
    async with gate_before() as rig:
        await watch(rig)
        rule = rig.arm(made(hold_s=lambda self, hit: 60.0))
        client = await rig.client()
        client.ask(x_gameday="RUN.9")
        await until(lambda: rule.state().evidence.held == 1)
        call = (await calls(rig))[0]
        assert (call.ended_at, call.status, call.fault_id) == (None, None, "r1")
        rule.end("cleared")
        await client.answer()
        assert (await calls(rig))[0].ended_at is not None
        assert rule.state().evidence.request_ids == ("9",)


async def test_two_runs_watch_at_once_each_with_its_own_marker():
    async with gate_before() as rig:
        await watch(rig, "A", {"marker": {"header": "x-a"}})
        await watch(rig, "B", {"marker": {"body": "b"}})
        await (await rig.client()).get(body=b'{"b":"B.1"}', x_a="A.2")
        assert (await traffic(rig, "A")).marked == 1
        assert (await traffic(rig, "B")).marked == 1
        await rig.tell("DELETE", "/watches/A")
        assert len(rig.listener.watches) == 1


async def test_a_watch_ends_when_nobody_asks_any_more():
    async with gate_before(idle="200ms") as rig:  # a short limit sweeps often
        await watch(rig, order={"ttl_s": 0.3})
        for _ in range(4):
            await asyncio.sleep(0.15)
            assert (await rig.tell("GET", "/watches/RUN"))[0] == 200
        await until(lambda: rig.listener.watches == ())


async def test_the_log_is_bounded_and_read_page_by_page(monkeypatch):
    monkeypatch.setattr(watches, "CALLS_MAX", 25)
    monkeypatch.setattr(watchbook, "_PAGE_CALLS_MAX", 10)
    async with gate_before() as rig:
        await watch(rig)
        client = await rig.client()
        for number in range(30):
            await client.get(x_gameday=f"RUN.{number}")
        assert (await traffic(rig)).marked == 30
        found, position = [], 0
        while True:
            _, page = await rig.tell("GET", f"/watches/RUN/calls?from={position}")
            found += [call["request_id"] for call in page["calls"]]
            if not page["calls"]:
                break
            position = page["next"]
        assert found == [str(number) for number in range(25)]


@pytest.mark.parametrize(
    "marker", [MarkerMatch(header="x-gameday"), MarkerMatch(body="metadata.gameday"), None]
)
async def test_a_refused_client_is_counted_too(marker):
    async with gate_before(upstream_url="http://127.0.0.1:9") as rig:
        await watch(rig, order={"marker": marker.model_dump()} if marker else {})
        await (await rig.client()).get()
        assert await traffic(rig) == Traffic(
            unmarked=1, unmarked_bad=1, unmarked_ms=(await traffic(rig)).unmarked_ms
        )


async def test_an_answer_in_the_provider_s_place_may_be_bad_too():
    async with gate_before() as rig:
        await watch(rig)
        rig.arm(made(instead=lambda self, hit: Answer(500, (), b"")))
        await (await rig.client()).get()
        assert (await traffic(rig)).unmarked_bad == 1


async def test_a_call_tells_the_limits_that_the_provider_told():
    async def limited(asked, writer):
        writer.write(
            b"HTTP/1.1 429 Too Many Requests\r\nx-ratelimit-limit-requests: 600\r\n"
            b"x-ratelimit-remaining-requests: 0\r\ncontent-length: 2\r\n\r\n{}"
        )

    async with gate_before(limited) as rig:
        await watch(rig)
        client = await rig.client()
        await client.get(x_gameday="RUN.1")
        (call,) = await calls(rig)
        assert (call.status, call.requests_max, call.requests_left) == (429, 600, 0)
        assert (call.tokens_max, call.tokens_left) == (None, None)


async def test_calls_of_a_tool_are_counted_and_fill_no_log():
    """A request is named by its mark all the same, so that a rule can tell whom it has touched."""
    async with gate_before(listener={"dialect": "none"}) as rig:
        await watch(rig)
        rule = rig.arm(refusing())
        await (await rig.client()).get(x_gameday="RUN.gd-1", x_request_id="abc")
        assert (await traffic(rig)).marked == 1
        assert await calls(rig) == []
        assert rule.state().evidence.request_ids == ("gd-1",)
