"""Faults on the wire, and above all how they are taken away."""

import asyncio
import json
from typing import ClassVar

import pytest

from gameday.domain.drill import Scope
from gameday.domain.gate import MarkerMatch
from gameday.domain.wire import Answer, End, Ending, Send, Stall, Wait
from gameday.faults._gate import Edits, GateFault
from tests.gameday.gate.rig import (
    DONE,
    SSE_HEAD,
    chunk,
    echo,
    gate_before,
    reply,
    serving,
    stream,
    token,
    until,
)

WORDS = [token(f"word {number} ") for number in range(10)]


class Of(GateFault):
    """A fault that a test makes up, method by method."""

    legend: ClassVar[str] = "made up"

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)


def made(**methods):
    """A fault of these methods and class settings; `settings` are its fields."""
    settings = methods.pop("settings", {})
    return type("Made", (Of,), methods)(**settings)


def refusing(**settings):
    answer = Answer(429, (("content-type", "application/json"), ("retry-after", "7")), b"{}")
    return made(instead=lambda self, hit: answer, settings=settings)


async def words(asked, writer):
    if asked.header("x-plain"):
        await reply(writer, b'{"whole":true}')
    else:
        await stream(writer, [*WORDS, DONE])


def evidence(rule):
    return rule.state().evidence


# --- instead ----------------------------------------------------------------------------------


async def test_an_answer_is_given_in_the_provider_s_place_and_counted():
    async with gate_before() as rig:
        rule = rig.arm(refusing())
        client = await rig.client()
        for number in range(3):
            answer = await client.get(x_request_id=f"id-{number}")
            assert (answer.status, answer.headers["retry-after"]) == (429, "7")
        assert not rig.upstream.asked
        counted = evidence(rule)
        assert (counted.matches, counted.hits, counted.bytes) == (3, 3, 6)
        assert counted.request_ids == ("id-0", "id-1", "id-2")
        assert counted.first_at <= counted.last_at
        rule.end("cleared")
        assert (await client.get()).status == 200  # on the same connection


async def test_a_made_up_stream_comes_chunked_and_whole():
    body = b"".join(WORDS) + DONE
    fault = made(
        instead=lambda self, hit: Answer(200, (("content-type", "text/event-stream"),), body)
    )
    async with gate_before() as rig:
        rig.arm(fault)
        client = await rig.client()
        for _ in range(2):
            answer = await client.get()
            assert (answer.body, answer.headers["transfer-encoding"]) == (body, "chunked")


async def test_a_body_is_read_before_the_answer_is_given():
    """As a provider would: else the rest of it would pass for the next request."""
    async with gate_before() as rig:
        rig.arm(refusing())
        client = await rig.client()
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
        await asyncio.sleep(0.05)
        assert not client.reader._buffer
        client.send(b"defghij")
        assert (await client.answer()).status == 429
        assert (await client.get()).status == 429


async def test_a_client_that_waits_to_continue_is_told_by_the_gate():
    async with gate_before() as rig:
        rig.arm(refusing(models=("gpt-*",)))
        client = await rig.client()
        for model, status in (("gpt-4", 429), ("other", 200)):
            body = json.dumps({"model": model}).encode()
            client.send(
                b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
                % len(body)
            )
            assert (await client.head())[0] == 100
            client.send(body)
            assert (await client.answer()).status == status
        assert rig.upstream.asked[0].header("expect") is None


async def test_the_request_s_body_is_read_only_for_a_fault_that_asks():
    seen = []

    def instead(self, hit):
        seen.append((hit.request.body, hit.request.path, hit.request.headers["x-one"]))

    async with gate_before() as rig:
        client = await rig.client()
        for reads in (True, False):
            rig.arm(made(instead=instead, reads_request=reads))
            await client.get("/v1/x?y=1", body=b'{"stream":true}', X_One="1")
        assert seen == [({"stream": True}, "/v1/x", "1"), ({}, "/v1/x", "1")]


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[1]", b"[" * 100_000, b'{"a":' * 5_000])
async def test_a_body_that_is_no_json_object_reads_as_an_empty_one(body):
    seen = []
    async with gate_before(reply_ok) as rig:
        rig.arm(made(instead=lambda self, hit: seen.append(hit.request.body), reads_request=True))
        assert (await (await rig.client()).get(body=body)).status == 200
        assert seen == [{}]
        assert rig.upstream.asked[0].body == body


async def reply_ok(asked, writer):
    await reply(writer)


# --- holds ------------------------------------------------------------------------------------


async def test_a_hold_delays_a_request_by_what_it_says():
    async with gate_before() as rig:
        rule = rig.arm(made(hold_s=lambda self, hit: 0.2))
        client = await rig.client()
        loop = asyncio.get_running_loop()
        errors = []
        for _ in range(5):
            began = loop.time()
            assert (await client.get()).status == 200
            errors.append(loop.time() - began - 0.2)
        assert min(errors) > -0.002
        assert min(errors) < 0.05
        assert evidence(rule).hits == 5


@pytest.mark.parametrize("how", ["cleared", "lease"])
@pytest.mark.parametrize(
    "methods",
    [
        {"hold_s": lambda self, hit: 60.0},
        {"instead": lambda self, hit: Answer(500, (), b"", after_s=60.0)},
    ],
)
async def test_held_requests_go_to_their_provider_when_the_rule_ends(how, methods):
    async with gate_before() as rig:
        rule = rig.arm(made(**methods), lease_s=0.5 if how == "lease" else 30)
        clients = [await rig.client() for _ in range(50)]
        for number, client in enumerate(clients):
            client.ask(x_id=str(number))
        await until(lambda: evidence(rule).held == 50 or rule.ended)
        if how == "cleared":
            rule.end("cleared")
        for number, client in enumerate(clients):
            answer = await asyncio.wait_for(client.answer(), 10)
            assert answer.status == 200
            assert f'"{number}"'.encode() in answer.body
        assert rule.state().ended == how
        assert evidence(rule).held == 0
        assert how == "lease" or evidence(rule).hits == 50


async def test_a_held_client_that_leaves_is_let_go():
    async with gate_before() as rig:
        rule = rig.arm(made(hold_s=lambda self, hit: 60.0))
        client = await rig.client()
        client.ask()
        await until(lambda: evidence(rule).held == 1)
        client.close()
        await until(lambda: evidence(rule).held == 0)
        rule.end("cleared")
        assert not rig.upstream.asked


async def test_an_answer_may_be_held_first():
    async with gate_before() as rig:
        rig.arm(made(instead=lambda self, hit: Answer(503, (), b"late", after_s=0.1)))
        began = asyncio.get_running_loop().time()
        answer = await (await rig.client()).get()
        assert (answer.status, answer.body) == (503, b"late")
        assert asyncio.get_running_loop().time() - began >= 0.098


# --- edits ------------------------------------------------------------------------------------


def editing(on_event, **more):
    return made(on_event=on_event, edits=Edits.STREAM, **more)


async def test_every_event_is_shown_with_what_came_before():
    seen = []

    def on_event(self, hit, event):
        seen.append((hit.tokens, hit.events, event.is_content, event.data))
        return (Send(event.raw),)

    comment = b": keep-alive\r\n\r\n"
    sent = [comment, WORDS[0], b"event: ping\rdata: {}\r\r", WORDS[1], DONE, b"left over"]

    async def play(asked, writer):
        assert asked.header("accept-encoding") == "identity"
        await stream(writer, sent)

    async with gate_before(play) as rig:
        rule = rig.arm(editing(on_event))
        answer = await (await rig.client()).get(accept_encoding="gzip, br")
        assert answer.body == b"".join(sent)
        assert answer.chunks == sent
        told = [(tokens, events, content) for tokens, events, content, _ in seen]
        assert told == [
            (0, 0, False), (0, 0, True), (1, 1, False), (1, 2, True), (2, 3, False),
        ]  # fmt: skip
        assert seen[4][3] == b"[DONE]"
        assert (evidence(rule).matches, evidence(rule).hits) == (1, 0)


async def test_events_are_the_same_however_they_are_cut_up():
    whole = b"data: a\r\n\r\ndata: b\n\n: c\n\ndata: d\r\rdata: e\r\n\r\n"
    sizes = iter([1, 2, 3, 5, 7, 100])
    events = [b"data: a\r\n\r\n", b"data: b\n\n", b": c\n\n", b"data: d\r\r", b"data: e\r\n\r\n"]

    async def play(asked, writer):
        size = next(sizes)
        writer.write(SSE_HEAD)
        for begin in range(0, len(whole), size):
            writer.write(chunk(whole[begin : begin + size]))
            await asyncio.sleep(0)
        writer.write(b"0\r\n\r\n")

    async with gate_before(play) as rig:
        rig.arm(editing(lambda self, hit, event: (Send(event.raw),)))
        client = await rig.client()
        for _ in range(6):
            assert (await client.get()).chunks == events


@pytest.mark.parametrize("how", list(Ending))
async def test_a_stream_ends_as_the_fault_says(how):
    def on_event(self, hit, event):
        return (End(how),) if hit.tokens == 3 else (Send(event.raw),)

    async with gate_before(words) as rig:
        rule = rig.arm(editing(on_event))
        client = await rig.client()
        client.ask()
        await client.head()
        expected = b"".join(map(chunk, WORDS[:3]))
        assert await client.reader.readexactly(len(expected)) == expected
        if how is Ending.CLEAN:
            assert await client.reader.readexactly(5) == b"0\r\n\r\n"
            rule.end("cleared")
            assert (await client.get()).body == b"".join([*WORDS, DONE])
        elif how is Ending.FIN:
            assert await client.reader.read() == b""
        else:
            with pytest.raises(ConnectionResetError):
                await client.reader.read()
        assert evidence(rule).hits == 1


async def test_what_was_sent_reaches_a_slow_reader_before_the_reset():
    def on_event(self, hit, event):
        return (Send(event.raw), End(Ending.RST))

    big = b"data: " + b"x" * 3_000_000 + b"\n\n"

    async def play(asked, writer):
        await stream(writer, [big])

    async with gate_before(play) as rig:
        rig.arm(editing(on_event))
        reader, writer = await asyncio.open_connection("127.0.0.1", rig.port, limit=1024)
        writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
        got, was_reset = b"", False
        while not was_reset:
            try:
                data = await reader.read(100_000)
            except ConnectionResetError:
                was_reset = True
            else:
                assert data, "a mere end"
                got += data
                await asyncio.sleep(0.001)
        assert got.count(b"x") > 2_900_000
        writer.close()


async def test_waits_follow_one_another_and_hold_the_upstream_back():
    def on_event(self, hit, event):
        return (Wait(0.02), Send(event.raw))

    async with gate_before(words) as rig:
        rule = rig.arm(editing(on_event))
        client = await rig.client()
        began = asyncio.get_running_loop().time()
        answer = await client.get()
        assert answer.chunks == [*WORDS, DONE]
        assert 0.215 <= asyncio.get_running_loop().time() - began < 2
        assert evidence(rule).hits == 1
        assert evidence(rule).bytes == len(answer.body)


async def test_a_wait_bounds_what_is_kept():
    sent = 0

    async def play(asked, writer):
        nonlocal sent
        writer.write(SSE_HEAD)
        for _ in range(400):
            writer.write(chunk(b"data: " + b"x" * 65_536 + b"\n\n"))
            await writer.drain()
            sent += 1
        writer.write(b"0\r\n\r\n")

    async with gate_before(play) as rig:
        rule = rig.arm(editing(lambda self, hit, event: (Stall(), Send(event.raw))))
        client = await rig.client()
        client.ask()
        await until(lambda: evidence(rule).held == 1)
        await asyncio.sleep(0.3)
        assert sent < 400
        rule.end("cleared")
        assert len((await asyncio.wait_for(client.answer(), 20)).body) == 400 * (65_536 + 8)


@pytest.mark.parametrize("how", ["cleared", "lease"])
@pytest.mark.parametrize("alive", [b"", b": alive\n\n"])
async def test_a_stalled_stream_goes_on_when_the_rule_ends(how, alive):
    def on_event(self, hit, event):
        if hit.tokens == 2:
            return (Stall(alive, 0.02), Send(event.raw))
        return (Wait(9.0), Send(event.raw)) if hit.tokens == 5 else (Send(event.raw),)

    async with gate_before(words) as rig:
        rule = rig.arm(editing(on_event), lease_s=0.5 if how == "lease" else 30)
        client = await rig.client()
        client.ask()
        await client.head()
        expected = b"".join(map(chunk, WORDS[:2])) + (chunk(alive) * 5 if alive else b"")
        got = await asyncio.wait_for(client.reader.readexactly(len(expected)), 10)
        assert got == expected
        if how == "cleared":
            rule.end("cleared")
        rest = await asyncio.wait_for(client.reader.readuntil(b"0\r\n\r\n"), 10)
        after = b"".join(map(chunk, [*WORDS[2:], DONE])) + b"0\r\n\r\n"
        assert rest.endswith(after)
        assert (
            set(rest.removesuffix(after).split(chunk(alive))) == {b""} if alive else rest == after
        )
        assert rule.state().ended == how
        assert evidence(rule).held == 0
        assert (await client.get()).status == 200


async def test_an_end_that_waits_its_turn_does_not_come_after_the_rule():
    def on_event(self, hit, event):
        return (Stall(), End(Ending.RST)) if hit.tokens == 2 else (Send(event.raw),)

    async with gate_before(words) as rig:
        rule = rig.arm(editing(on_event))
        client = await rig.client()
        client.ask()
        await until(lambda: evidence(rule).held == 1)
        rule.end("cleared")
        answer = await client.answer()
        assert answer.chunks == [*WORDS[:2], *WORDS[3:], DONE]  # the third was the fault's


async def test_a_stalled_client_that_leaves_takes_its_request_with_it():
    gone = asyncio.Event()

    async def play(asked, writer):
        writer.write(SSE_HEAD + chunk(WORDS[0]))
        try:
            while True:
                writer.write(chunk(b": x\n\n"))
                await writer.drain()
                await asyncio.sleep(0.01)
        except ConnectionError:
            gone.set()

    async with gate_before(play) as rig:
        rule = rig.arm(editing(lambda self, hit, event: (Stall(),)))
        client = await rig.client()
        client.ask()
        await until(lambda: evidence(rule).held == 1)
        client.close()
        await asyncio.wait_for(gone.wait(), 10)
        await until(lambda: evidence(rule).held == 0)


async def test_an_upstream_that_breaks_behind_a_wait_breaks_the_answer_after_it():
    async def play(asked, writer):
        writer.write(SSE_HEAD + chunk(WORDS[0]) + chunk(WORDS[1]))
        await writer.drain()
        writer.close()

    async with gate_before(play) as rig:
        rig.arm(editing(lambda self, hit, event: (Wait(0.1), Send(event.raw))))
        client = await rig.client()
        client.ask()
        await client.head()
        expected = chunk(WORDS[0]) + chunk(WORDS[1])
        assert await client.reader.readexactly(len(expected)) == expected
        assert await client.ended()


async def test_an_http_1_0_client_s_stream_is_edited_too():
    def on_event(self, hit, event):
        return (Send(event.raw.replace(b"word", b"WORD")),)

    async with gate_before(words) as rig:
        rig.arm(editing(on_event))
        client = await rig.client()
        client.send(b"POST / HTTP/1.0\r\nContent-Length: 0\r\n\r\n")
        answer = await client.answer()
        assert answer.body == b"".join([*WORDS, DONE]).replace(b"word", b"WORD")


async def test_a_body_is_changed_whole_under_a_new_length():
    def on_body(self, hit, body):
        return (Send(body.replace(b"true", b"false")),)

    async with gate_before(words) as rig:
        rule = rig.arm(made(on_body=on_body, edits=Edits.BODY))
        client = await rig.client()
        answer = await client.get(x_plain="1")
        assert answer.body == b'{"whole":false}'
        assert evidence(rule).hits == 1
        assert (await client.get()).chunks == [*WORDS, DONE]  # a stream is not its business
        assert evidence(rule).hits == 1
        assert evidence(rule).matches == 2


@pytest.mark.parametrize("how", list(Ending))
async def test_a_body_is_cut_short_under_the_length_that_fits_how(how):
    def on_body(self, hit, body):
        return (Send(body[:5]), End(how))

    async with gate_before(words) as rig:
        rig.arm(made(on_body=on_body, edits=Edits.BODY))
        client = await rig.client()
        client.ask(x_plain="1")
        _, headers = await client.head()
        assert headers["content-length"] == ("5" if how is Ending.CLEAN else "14")
        assert await client.reader.readexactly(5) == b'{"who'
        if how is Ending.CLEAN:
            rig.listener.rule.end("cleared")
            assert (await client.get(x_plain="1")).status == 200
        else:
            assert await client.ended()


async def test_a_body_may_wait_and_comes_at_once_when_the_rule_ends():
    def on_body(self, hit, body):
        return (Wait(60.0), Send(body))

    async with gate_before(words) as rig:
        rule = rig.arm(made(on_body=on_body, edits=Edits.BODY))
        client = await rig.client()
        client.ask(x_plain="1")
        await until(lambda: evidence(rule).held == 1)
        rule.end("cleared")
        assert (await client.answer()).body == b'{"whole":true}'


async def test_a_body_too_large_to_read_passes_as_it_is():
    big = b"x" * 9_000_000

    async def play(asked, writer):
        if asked.header("x-chunked"):
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            writer.write(chunk(big) + b"0\r\n\r\n")
        else:
            await reply(writer, big)

    async with gate_before(play) as rig:
        rule = rig.arm(made(on_body=lambda self, hit, body: (Send(b"no"),), edits=Edits.BODY))
        client = await rig.client()
        assert (await client.get()).body == big
        assert (await client.get(x_chunked="1")).body == big
        assert (evidence(rule).matches, evidence(rule).hits) == (2, 0)


async def test_answers_that_cannot_be_read_or_are_errors_pass_as_they_are():
    async def play(asked, writer):
        kind = asked.header("x-kind")
        if kind == "gzip":
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"
            )
        elif kind == "error":
            await reply(writer, b"abc", "500 Internal Server Error")
        else:
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    async with gate_before(play) as rig:
        change = made(on_body=lambda self, hit, body: (Send(b"changed"),), edits=Edits.BOTH)
        rule = rig.arm(change)
        client = await rig.client()
        for kind, body in (("gzip", b"abc"), ("error", b"abc"), ("empty", b"")):
            assert (await client.get(x_kind=kind)).body == body
        assert evidence(rule).hits == 0


# --- a fault that is broken -------------------------------------------------------------------


def failing(*_):
    raise KeyError("nonsense")


@pytest.mark.parametrize(
    "fault",
    [
        made(hold_s=failing),
        made(hold_s=lambda self, hit: "soon"),
        made(instead=failing),
        made(instead=lambda self, hit: "no answer"),
        made(instead=lambda self, hit: Answer(100, (), b"")),
        made(instead=lambda self, hit: Answer(200, (), "text")),
        made(on_event=failing, edits=Edits.BOTH),
        made(on_event=lambda self, hit, event: ["no step"], edits=Edits.BOTH),
        made(on_event=lambda self, hit, event: None, edits=Edits.BOTH),
        made(on_body=failing, edits=Edits.BOTH),
    ],
)
async def test_a_broken_fault_lets_the_request_pass_and_ends_its_rule(fault, caplog):
    async with gate_before(words) as rig:
        rule = rig.arm(fault)
        client = await rig.client()
        if "on_event" not in vars(type(fault)):
            assert (await client.get(x_plain="1")).body == b'{"whole":true}'
        assert (await client.get()).body == b"".join([*WORDS, DONE])
        assert rule.state().ended.startswith("broken: ")
        assert rig.listener.rule is None
        assert evidence(rule).hits == 0
    assert "its fault failed" in caplog.text


async def test_an_answer_that_a_broken_fault_has_changed_is_cut_off(caplog):
    def on_event(self, hit, event):
        if hit.tokens == 2:
            raise RuntimeError("half way")
        return (Send(b": changed\n\n"),)

    async with gate_before(words) as rig:
        rule = rig.arm(editing(on_event))
        client = await rig.client()
        client.ask()
        with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
            await client.answer()
        assert rule.state().ended.startswith("broken: RuntimeError: half way")
        assert (await (await rig.client()).get()).status == 200


# --- whom it touches --------------------------------------------------------------------------


async def count(rig, client, number, **headers):
    return [(await client.get(**headers)).status == 429 for _ in range(number)].count(True)


async def test_routes_models_and_hits_max():
    async with gate_before() as rig:
        client = await rig.client()
        rule = rig.arm(refusing(routes=("/v1/chat/*",), models=("gpt-4*", "o1"), hits_max=3))
        body = b'{"model":"gpt-4o"}'
        assert (await client.get("/v1/embeddings", body=body)).status == 200
        assert (await client.get(body=b'{"model":"other"}')).status == 200
        assert evidence(rule).matches == 0
        statuses = [(await client.get("/v1/chat/completions", body=body)).status for _ in range(5)]
        assert statuses == [429, 429, 429, 200, 200]
        assert (evidence(rule).matches, evidence(rule).hits) == (5, 3)


async def test_hits_max_is_kept_by_requests_at_the_same_time():
    def on_event(self, hit, event):
        return (Wait(0.01), Send(event.raw))

    async with gate_before(words) as rig:
        rule = rig.arm(editing(on_event, settings={"hits_max": 4}))
        clients = [await rig.client() for _ in range(20)]
        for client in clients:
            client.ask()
        for client in clients:
            assert (await client.answer()).chunks == [*WORDS, DONE]
        assert evidence(rule).hits == 4


async def test_marked_traffic_alone_is_touched_by_header_body_and_key():
    digest = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"  # of "secret"
    cases = [
        (MarkerMatch(header="x-gameday"), {"x_gameday": "RUN.42"}, b"{}", ("42",)),
        (MarkerMatch(body="metadata.gameday"), {}, b'{"metadata":{"gameday":"RUN.43"}}', ("43",)),
        (MarkerMatch(key_sha256=digest), {"authorization": "Bearer secret"}, b"{}", None),
        (MarkerMatch(key_sha256=digest), {"x_api_key": "secret"}, b"{}", None),
    ]
    async with gate_before() as rig:
        client = await rig.client()
        for marker, headers, body, ids in cases:
            rule = rig.arm(refusing(), scope=Scope.MARKED, marker=marker)
            assert (await client.get(body=body, **headers)).status == 429
            assert (await client.get()).status == 200
            assert (await client.get(x_gameday="OTHER.1", authorization="Bearer x")).status == 200
            other = b'{"metadata":{"gameday":"OTHER.1"}}'
            assert (await client.get(body=other)).status == 200
            assert (evidence(rule).matches, evidence(rule).hits) == (1, 1)
            assert ids is None or evidence(rule).request_ids == ids
            rule.end("cleared")


async def test_unmarked_bodies_are_not_held_up_by_a_rule_for_marked_ones():
    """The answer begins before the request has ended: it was passed on as it came."""

    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\nab")
        await stream(writer, WORDS)

    async with serving(serve) as url, gate_before(upstream_url=url) as rig:
        rig.arm(refusing(models=("x",)), scope=Scope.MARKED, marker=MarkerMatch(header="x-gameday"))
        client = await rig.client()
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab")
        assert (await client.answer()).chunks == WORDS


async def test_a_duration_ends_the_touching_and_not_the_rule():
    async with gate_before() as rig:
        rule = rig.arm(refusing(duration="300ms"))
        client = await rig.client()
        assert (await client.get()).status == 429
        await until(lambda: rig.listener.loop.time() - rule._armed_s > 0.31)
        assert (await client.get()).status == 200
        assert rule.state().ended == ""


async def test_a_share_is_kept_exactly_over_the_wire():
    async with gate_before() as rig:
        rig.arm(refusing(share=0.25))
        client = await rig.client()
        assert await count(rig, client, 100) == 25
        assert await count(rig, client, 100) == 25


async def test_a_sticky_share_gives_a_key_the_same_fate():
    async with gate_before() as rig:
        client = await rig.client()
        rig.arm(refusing(share=0.5, sticky_by="header:x-user"))
        fates = {}
        for round_ in range(3):
            for user in range(30):
                fate = (await client.get(x_user=f"u{user}")).status
                assert fates.setdefault(user, fate) == fate, round_
        assert {200, 429} == set(fates.values())
        assert (await client.get()).status == 200  # no key, no fate
        rig.listener.rule.end("cleared")
        rig.arm(refusing(share=0.5, sticky_by="body:user.id"))
        bodies = [json.dumps({"user": {"id": number}}).encode() for number in range(20)]
        first = [(await client.get(body=body)).status for body in bodies]
        assert first == [(await client.get(body=body)).status for body in bodies]
        assert {200, 429} == set(first)


async def test_a_late_timer_does_not_make_a_lease_longer():
    async with gate_before() as rig:
        rule = rig.arm(refusing(), lease_s=0.05)
        rule._lease.cancel()  # as if the loop had been too busy for it
        await asyncio.sleep(0.06)
        assert (await (await rig.client()).get()).status == 200
        assert rule.state().ended == "lease"


async def test_faults_of_one_rule_share_their_memory_and_their_dice():
    seen = []

    def instead(self, hit):
        hit.memory["count"] = hit.memory.get("count", 0) + 1
        seen.append((hit.memory["count"], hit.draw()))

    async with gate_before(echo) as rig:
        client = await rig.client()
        for _ in range(2):
            rule = rig.arm(made(instead=instead, settings={"seed": 7}))
            await client.get()
            await client.get()
            rule.end("cleared")
        assert [number for number, _ in seen] == [1, 2, 1, 2]
        assert seen[:2] == seen[2:]
