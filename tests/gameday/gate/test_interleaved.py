"""Thousands of requests at once, some cut, stalled, faulted or left: none gets another's answer."""

import asyncio
import json
import random

import pytest

from gameday.domain.wire import Answer, End, Ending, Send, Stall, Wait
from gameday.faults._gate import Edits
from tests.gameday.gate.rig import SSE_HEAD, Client, chunk, gate_before, request
from tests.gameday.gate.test_touch import made

CLIENTS = 60
ROUNDS = 40
KINDS = ["plain", "chunked", "stream", "until-close", "short", "reset", "extra", "slow", "early"]


async def play(asked, writer):
    """Answer in many ways, every byte of the body naming the request."""
    own = asked.header("x-id")
    kind = asked.header("x-kind")
    assert json.loads(asked.body)["id"] == own
    dice = random.Random(own)
    text = f"<{own}>".encode() * dice.randint(1, 40)
    if kind == "plain":
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(text), text))
    elif kind == "until-close":
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + text)
        writer.close()
    elif kind == "extra":
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(text), text))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<another>")
    elif kind == "early":
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(text), text))
    else:
        writer.write(SSE_HEAD if kind == "stream" else SSE_HEAD.replace(b"event-stream", b"plain"))
        for number in range(dice.randint(1, 10)):
            writer.write(chunk(b'data: {"id":"<%b>"}\n\n' % own.encode()))
            if kind == "slow" or dice.random() < 0.2:
                await asyncio.sleep(dice.random() * 0.003)
            if number == 2 and kind == "short":
                await writer.drain()
                writer.close()
                return
            if number == 2 and kind == "reset":
                await writer.drain()
                writer.transport.abort()
                return
        writer.write(b"0\r\n\r\n")


def own_words(own, text):
    """Whether `text` says nothing but `<own>`, up to where it may have been cut off."""
    said = text.replace(b"data: {", b"").replace(b'"id":', b"").replace(b'"}\n\n', b"")
    said = said.replace(b'"', b"")
    whole = f"<{own}>".encode()
    return (whole * (len(said) // len(whole) + 2)).startswith(said)


FAULTS = {
    "none": None,
    "instead": {
        "instead": lambda self, hit: Answer(429, (), f"<{hit.request.headers['x-id']}>".encode())
    },
    "hold": {"hold_s": lambda self, hit: 0.01},
    "cut": {
        "edits": Edits.STREAM,
        "on_event": lambda self, hit, event: (
            (Send(event.raw),) if hit.events < 2 else (End(list(Ending)[int(hit.draw() * 3)]),)
        ),
    },
    "stall": {
        "edits": Edits.BOTH,
        "on_event": lambda self, hit, event: (Wait(0.001), Send(event.raw), Stall()),
        "on_body": lambda self, hit, body: (Wait(0.001), Send(body)),
    },
}


async def one_client(rig, number, counts):
    dice = random.Random(number)
    client = None
    for round_ in range(ROUNDS):
        if client is None:
            client = await Client.connect(rig.port)
            rig.clients.append(client)
        batch = dice.choice([1, 1, 1, 2, 5])
        owns = [f"{number}-{round_}-{place}" for place in range(batch)]
        raw = b"".join(
            request(body=json.dumps({"id": own}).encode(), x_id=own, x_kind=dice.choice(KINDS))
            for own in owns
        )
        size = dice.choice([7, 100, 10_000])
        for begin in range(0, len(raw), size):
            client.send(raw[begin : begin + size])
            if size == 7:
                await asyncio.sleep(0)
        if dice.random() < 0.1:
            await asyncio.sleep(dice.random() * 0.01)
            client.writer.transport.abort()
            client = None
            counts["left"] += 1
            continue
        for own in owns:
            try:
                answer = await asyncio.wait_for(client.answer(), 0.5 if dice.random() < 0.2 else 30)
            except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
                counts["broken"] += 1
                client.close()
                client = None
                break
            assert own_words(own, answer.body), (own, answer)
            assert answer.status in {200, 429}
            counts["whole"] += 1


async def change_rules(rig, fault):
    """Arm and clear all the while; streams must go on, or be cut, never be mixed up."""
    number = 0
    while True:
        if fault is not None:
            rule = rig.arm(made(**fault, settings={"share": 0.5, "seed": number}))
            await asyncio.sleep(0.05)
            rule.end("cleared")
            assert not rule.holds
        number += 1
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("name", FAULTS)
async def test_no_request_is_answered_with_another_s_answer(name):
    counts = {"whole": 0, "broken": 0, "left": 0}
    async with gate_before(play) as rig:
        changing = asyncio.create_task(change_rules(rig, FAULTS[name]))
        await asyncio.gather(*(one_client(rig, number, counts) for number in range(CLIENTS)))
        changing.cancel()
        if rig.listener.rule is not None:
            rig.listener.rule.end("cleared")
        if changing.done() and not changing.cancelled():
            changing.result()
    assert counts["whole"] > CLIENTS * ROUNDS / 2
    assert counts["broken"] > 50
    assert counts["left"] > 50
    assert not rig.listener.clients
