"""What the front door gets from the probes, and what they make of its answer."""

import asyncio
import json
import time
from contextlib import asynccontextmanager

import pytest
from pydantic import ValidationError

from gameday.domain.drill import HangUp
from gameday.domain.front_door import FrontDoor, Marker
from gameday.domain.price import Price
from gameday.domain.sample import Outcome
from gameday.domain.scorer import Scorer
from gameday.domain.scoring import Rated, RatedSet
from gameday.domain.sketch import sketch_of
from gameday.domain.synthetic import Synthetic
from gameday.probes.caller import Caller
from gameday.probes.exchange import Due
from gameday.probes.front_door import FrontDoorClient
from gameday.probes.questions import Question
from gameday.probes.sampling import Sampling
from gameday.scorers.contains import Contains

ANSWER = {
    "model": "m-1",
    "choices": [{"message": {"content": "After 30 days."}, "finish_reason": "stop"}],
}


class Door:
    """Answers after `delay_s`, and remembers what came and who left before the answer."""

    def __init__(self, delay_s=0.0, headers=b"", usage=None):
        self.delay_s = delay_s
        self.answer = ANSWER if usage is None else {**ANSWER, "usage": usage}
        self.headers = headers
        self.requests = []
        self.left = asyncio.Event()

    async def __call__(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        self.requests.append((headers, body))
        if self.delay_s:
            gone = asyncio.create_task(reader.read(1))
            done, _ = await asyncio.wait({gone}, timeout=self.delay_s)
            if done:
                self.left.set()
                writer.close()
                return
            gone.cancel()
        answer = json.dumps(self.answer).encode()
        length = b"content-length: %d\r\n" % len(answer)
        writer.write(b"HTTP/1.1 200 OK\r\n" + self.headers + length + b"\r\n" + answer)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def asked(door, marker=None, caller=None, prices=None, **more):
    server = await asyncio.start_server(door, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    described = FrontDoor(marker=marker, **more)
    client = FrontDoorClient(
        f"http://127.0.0.1:{port}/v1",
        described,
        caller=caller or Caller("RUN1"),
        stream=False,
        sampling=Sampling(described, prices or {}),
    )
    try:
        yield client
    finally:
        await client.aclose()
        server.close()


def question(sketch_pieces=0, **seals):
    sealed = tuple(Rated(name, scorer) for name, scorer in seals.items())
    return Question("c", "How long?", RatedSet("c"), sealed, sketch_pieces=sketch_pieces)


def due(**more):
    return Due(0, time.monotonic(), **more)


async def test_a_header_mark_names_the_run_and_the_request():
    door = Door()
    async with asked(door, Marker(header="x-gameday")) as client:
        sample = await client.ask(question(), due())
    headers, body = door.requests[0]
    assert sample.outcome is Outcome.OK
    assert headers["x-gameday"] == f"run1.{sample.request_id}"  # lower case: the door's reader
    assert headers["x-request-id"] == sample.request_id
    assert set(body) == {"model", "messages", "stream"}


async def test_a_body_mark_is_made_at_its_path():
    door = Door()
    async with asked(door, Marker(body="metadata.gameday")) as client:
        sample = await client.ask(question(), due())
    headers, body = door.requests[0]
    assert body["metadata"] == {"gameday": f"RUN1.{sample.request_id}"}
    assert "x-gameday" not in headers


async def test_a_key_is_the_bearer_and_is_in_no_description_of_the_caller():
    door = Door()
    caller = Caller("RUN1", "s3cret")
    async with asked(door, Marker(key="env:KEY"), caller) as client:
        await client.ask(question(), due())
    assert door.requests[0][0]["authorization"] == "bearer s3cret"
    assert "s3cret" not in repr(caller)


@pytest.mark.parametrize(("pieces", "sketched"), [(0, ""), (2, "After 30"), (9, "After 30 days.")])
async def test_of_an_answer_a_sketch_is_kept_where_one_is_asked_for(pieces, sketched):
    async with asked(Door()) as client:
        sample = await client.ask(question(pieces), due())
    assert sample.sketch == sketch_of(sketched)


async def test_each_request_is_sent_as_its_user():
    door = Door()
    async with asked(door) as client:
        samples = [await client.ask(question(), due(user=user)) for user in ("a", "b", "a", "")]
    assert [headers.get("x-gameday-user") for headers, _ in door.requests] == ["a", "b", "a", None]
    ids = [headers["x-request-id"] for headers, _ in door.requests]
    assert ids == [sample.request_id for sample in samples]
    assert len(set(ids)) == 4
    assert [sample.user for sample in samples] == ["a", "b", "a", ""]


async def test_without_a_run_nothing_is_marked():
    door = Door()
    async with asked(door, Marker(header="x-gameday"), Caller()) as client:
        await client.ask(question(), due())
    assert "x-gameday" not in door.requests[0][0]


async def test_an_impatient_client_closes_its_connection_and_has_left():
    door = Door(delay_s=30.0)
    async with asked(door) as client:
        sample = await client.ask(question(), due(hangs_up_after_s=0.2))
        await asyncio.wait_for(door.left.wait(), 10)
    assert sample.outcome is Outcome.LEFT
    assert sample.detail == "hung up after 200 ms as the drill says"
    assert 200 <= sample.latency_ms < 10_000
    assert not sample.good
    assert sample.scores == sample.seals == {}


async def test_a_client_whose_answer_came_in_time_has_not_left():
    async with asked(Door()) as client:
        sample = await client.ask(question(), due(hangs_up_after_s=20.0))
    assert sample.outcome is Outcome.OK


async def test_seals_are_scored_beside_the_suite_and_are_no_quality():
    right, wrong = Contains(any=["30 days"]), Contains(any=["5 euros"])
    rated = RatedSet("c", (Rated("contains", right),))
    asked_for = Question("c", "How long?", rated, (Rated("whole", wrong),))
    async with asked(Door()) as client:
        sample = await client.ask(asked_for, due())
    assert sample.scores == {"contains": 1.0}
    assert sample.seals == {"whole": 0.0}
    assert sample.quality == 1.0
    assert sample.passed is True


def test_the_drills_words_for_it_parse():
    assert HangUp.model_validate({"after": "200ms", "share": 0.2}).after == 0.2


async def test_what_keeps_synthetic_requests_apart_is_in_every_one_beside_the_mark():
    door = Door()
    block = Synthetic(tenant="gameday", tools="sandbox", body={"metadata.tenant": "{{tenant}}"})
    caller = Caller("RUN1", None, block)
    async with asked(door, Marker(body="metadata.run"), caller) as client:
        await client.ask(question(), Due(0, time.monotonic()))
    headers, body = door.requests[0]
    assert headers["x-gameday-tools"] == "sandbox"
    assert "x-gameday-tenant" not in headers, "it has its own place"
    assert body["metadata"]["tenant"] == "gameday"
    assert body["metadata"]["run"].startswith("RUN1.")


async def test_a_later_turn_carries_what_was_said_before():
    door = Door()
    talking = Question("c", "First?", RatedSet("c"), then=("Second?",))
    async with asked(door) as client:
        first = await client.exchange(talking, due())
        ended = asyncio.get_running_loop().create_future()
        client.send(talking, due(), ended.set_result, first.go_on())
        second = client.sample(await ended)
    assert (second.turn, second.outcome) == (1, Outcome.OK)
    assert [m["content"] for m in door.requests[1][1]["messages"]] == [
        "First?", "After 30 days.", "Second?",
    ]  # fmt: skip
    assert first.go_on().id == first.request_id


class Told(Scorer):
    """Remembers nothing, and says what it was told as a score."""

    def score(self, answered):
        whole = answered.tool_calls == () and answered.sources == ("refunds.md", "plans.md")
        return float(whole and answered.cost_usd is None and answered.finish_reason == "stop")


async def test_a_scorer_is_told_what_the_front_door_tells():
    """Sources by a header; no tool called; no price, so no cost."""
    served = Door(headers=b"x-sources: refunds.md, plans.md\r\n")
    asked_for = Question("c", "How long?", RatedSet("c", (Rated("told", Told()),)))
    async with asked(served, sources_header="x-sources") as client:
        sample = await client.ask(asked_for, due())
    assert sample.scores == {"told": 1.0}
    assert sample.passed is True
    assert sample.cost_usd == 0.0


async def test_a_provider_by_the_systems_own_word_is_called_by_ours():
    served = Door(headers=b"x-option: config.targets[1]\r\n")
    named = {"served_by_header": "x-option", "served_as": {"config.targets[1]": "secondary"}}
    async with asked(served, **named) as client:
        assert (await client.ask(question(), due())).served_by == "secondary"
    async with asked(served, served_by_header="x-option") as client:
        assert (await client.ask(question(), due())).served_by == "config.targets[1]"
    async with asked(Door(), **named) as client:
        assert (await client.ask(question(), due())).served_by is None


@pytest.mark.parametrize(
    ("costs", "cost", "usd"),
    [
        ("told", 0.5, 0.5),
        ("told", 0, 0.0),
        ("told", None, 0.003),  # it tells none: the price list says
        ("told", {"total_cost": 0.5}, 0.003),  # in somebody's own form
        ("told", True, 0.003),
        ("told", -1, 0.003),
        ("priced", 0.5, 0.003),
    ],
)
async def test_an_answer_costs_what_it_tells_only_where_that_is_to_be_believed(costs, cost, usd):
    usage = {"prompt_tokens": 1000, "completion_tokens": 1000, "cost": cost}
    prices = {"m-1": Price(input_usd_per_mtok=1, output_usd_per_mtok=2)}
    async with asked(Door(usage=usage), prices=prices, costs=costs) as client:
        sample = await client.ask(question(), due())
    assert sample.good
    assert sample.cost_usd == pytest.approx(usd)


def test_a_template_cannot_tell_a_cost():
    with pytest.raises(ValidationError, match="costs: told belongs to the dialects openai and"):
        FrontDoor.model_validate(
            {
                "dialect": "template",
                "costs": "told",
                "request": {"path": "/ask", "json": {"q": "{{question}}"}},
            }
        )
