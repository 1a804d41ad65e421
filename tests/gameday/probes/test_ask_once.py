from gameday.domain.front_door import FrontDoor, Marker
from gameday.domain.sample import Outcome
from gameday.probes.ask_once import ask_once
from gameday.probes.caller import Caller
from tests.gameday.probes.wire_rig import body, front_door, question, whole


async def test_one_marked_request_and_all_that_came_back():
    door = FrontDoor(marker=Marker(header="x-mark"))
    say = [whole(body(), "x-cache: MISS")]
    async with front_door(lambda *_: say) as (at, client):
        reply = await ask_once(client._url, door, question(), caller=Caller("RUN1"), stream=False)
    assert reply.sample.good
    assert reply.text == "After 30 days."
    assert reply.headers["x-cache"] == "MISS"
    [(_, headers, _)] = at.requests
    assert headers["x-mark"] == f"RUN1.{reply.sample.request_id}"


async def test_nothing_there():
    url = "http://127.0.0.1:1/v1"
    reply = await ask_once(url, FrontDoor(), question(), caller=Caller(), stream=True)
    assert reply.sample.outcome is Outcome.REFUSED
    assert (reply.text, dict(reply.headers)) == ("", {})
