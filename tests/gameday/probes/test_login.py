"""A login before the load: its token goes along, and is renewed when it is over or refused."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from pydantic import ValidationError

from gameday.domain.errors import RefusedError
from gameday.domain.front_door import FrontDoor, Login
from gameday.domain.sample import Outcome
from gameday.probes.ask_once import ask_once
from gameday.probes.caller import Caller
from tests.gameday.probes.wire_rig import Wait, body, due, front_door, question, whole

LOGIN = {
    "request": {"path": "/login", "json": {"user": "gameday", "password": "{{secret}}"}},
    "token": "session.token",
}


class House:
    """A front door with a login: each one makes the only token that it then takes."""

    def __init__(self, **more):
        self.more = more
        self.logins = []
        self.carried = []  # what each request brought
        self.valid = None
        self.renewed = asyncio.Event()

    def say(self, request, _):
        """Told apart by their content, which is all that `say` is given."""
        if b"password" in request:
            self.logins.append(json.loads(request))
            self.valid = f"token-{len(self.logins)}"
            if len(self.logins) > 1:
                self.renewed.set()
            document = {"session": {"token": self.valid}, **self.more}
            return [whole(json.dumps(document).encode(), f"set-cookie: sid={self.valid}; Path=/",
                          f"x-token: {self.valid}")]  # fmt: skip
        if self.carried[-1] in (f"Bearer {self.valid}", f"sid={self.valid}"):
            return [whole(body())]
        return [whole(b"{}", status="401 Unauthorized")]


@asynccontextmanager
async def housed(house, login=LOGIN):
    door = FrontDoor(login=login)
    caller = Caller("RUN1", login_secret="s3cret")

    def say(request, n):
        headers = at.requests[n][1]
        house.carried.append(headers.get("authorization") or headers.get("cookie"))
        return house.say(request, n)

    async with front_door(say, door, caller=caller) as (at, client):
        yield client


@pytest.mark.parametrize(
    "where", [{"token": "session.token"}, {"token": {"header": "x-token"}}, {"cookie": "sid"}]
)
async def test_every_request_carries_what_the_login_gave(where):
    house = House()
    login = {"request": LOGIN["request"], **where}
    async with housed(house, login) as client:
        await client.open()
        for _ in range(3):
            assert (await client.ask(question(), due())).good
    assert house.logins == [{"user": "gameday", "password": "s3cret"}]


async def test_a_refused_token_is_renewed_once_for_all():
    house = House()
    async with housed(house) as client:
        await client.open()
        house.valid = "another"
        samples = await asyncio.gather(*(client.ask(question(), due(n)) for n in range(5)))
    assert {sample.outcome for sample in samples} == {Outcome.OK}
    assert {sample.detail for sample in samples} == {"sent again after a new login"}
    assert len(house.logins) == 2


async def test_a_token_that_is_always_refused_is_the_systems_no():
    class Hostile(House):
        def say(self, request, n):
            answer = super().say(request, n)
            self.valid = "another"
            return answer

    house = Hostile()
    async with housed(house) as client:
        await client.open()
        sample = await client.ask(question(), due())
    assert (sample.outcome, sample.status) == (Outcome.HTTP_ERROR, 401)
    assert len(house.logins) == 2


async def test_a_token_is_renewed_before_its_time_is_over():
    house = House(expires_in=1.3)
    login = {**LOGIN, "expires_in": "expires_in"}
    async with housed(house, login) as client:
        await client.open()
        await asyncio.wait_for(house.renewed.wait(), 30)
        await asyncio.sleep(0.2)  # its answer is still on its way
        assert (await client.ask(question(), due())).good
    assert "Bearer token-1" not in house.carried


async def test_an_answer_has_its_time_also_while_the_login_is_renewed():
    house = House()

    def slow(request, n):
        if b"password" in request and house.logins:
            return [Wait(5)]
        house.carried.append(at.requests[n][1].get("authorization"))
        return house.say(request, n)

    door = FrontDoor(login=LOGIN, timeout="300ms")
    async with front_door(slow, door, caller=Caller("RUN1", login_secret="x")) as (at, client):
        await client.open()
        house.valid = "another"
        sample = await client.ask(question(), due())
    assert sample.outcome is Outcome.TIMEOUT


@pytest.mark.parametrize(
    ("say", "says"),
    [
        ([whole(b"{}", status="403 Forbidden")], "status 403"),
        ([whole(b"{}")], "gave no token"),
        ([whole(b"<html>")], "gave no token"),
        ([whole(b'{"session": {"token": "t"}}')], "how long"),
    ],
)
async def test_a_login_that_fails_is_said_without_its_secret(say, says):
    login = Login.model_validate({**LOGIN, "expires_in": "expires_in"})
    door = FrontDoor(login=login)
    async with front_door(lambda *_: say) as (_, client):
        with pytest.raises(RefusedError, match=says) as refused:
            await ask_once(
                client._url, door, question(), caller=Caller(login_secret="s3cret"), stream=False
            )
    assert "s3cret" not in refused.value.sentence


async def test_a_login_that_is_not_there_is_said():
    door = FrontDoor(login={**LOGIN, "at": "http://127.0.0.1:1"})
    with pytest.raises(RefusedError, match="did not answer"):
        await ask_once("http://127.0.0.1:1", door, question(), caller=Caller(), stream=False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"cookie": "sid"},
        {"token": None},
        {"as": "Bearer"},
        {"lasts": "5m", "expires_in": "expires_in"},
        {"request": {"json": {"q": "{{question}}"}}},
    ],
)
def test_what_cannot_work_is_refused(wrong):
    with pytest.raises(ValidationError):
        Login.model_validate({**LOGIN, **wrong})
