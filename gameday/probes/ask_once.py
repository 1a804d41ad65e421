"""Asks the front door one question, as the load would: for whoever looks before a load is sent."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from gameday.domain.front_door import FrontDoor
from gameday.domain.price import Price
from gameday.domain.sample import Sample
from gameday.probes.caller import Caller
from gameday.probes.exchange import Due
from gameday.probes.front_door import FrontDoorClient
from gameday.probes.questions import Question
from gameday.probes.sampling import Sampling


@dataclass(frozen=True)
class Reply:
    """What came back. headers: their names in lower case; empty where no answer came."""

    sample: Sample
    text: str
    headers: Mapping[str, str]


async def ask_once(
    url: str,
    door: FrontDoor,
    question: Question,
    *,
    caller: Caller,
    stream: bool,
    prices: dict[str, Price] | None = None,
) -> Reply:
    """Ask `question` at the front door `url` and wait for its end, whatever that is.

    Raises FileError where the front door's own description cannot be used, e.g. its `ca_file`,
    and RefusedError where its login fails.
    """
    sampling = Sampling(door, prices or {})
    client = FrontDoorClient(url, door, caller=caller, stream=stream, sampling=sampling)
    try:
        await client.open()
        exchange = await client.exchange(question, Due(0, time.monotonic()))
        return Reply(client.sample(exchange), exchange.answer.text, exchange.headers.fields)
    finally:
        await client.aclose()
