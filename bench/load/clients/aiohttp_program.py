"""The program of the peer aiohttp, run by the Python of .tools/bench, which has no Gameday.

    aiohttp_program.py REQUEST closed SECONDS CONNECTIONS
    aiohttp_program.py REQUEST paced RATE_PER_S COUNT

It prints {"latencies_ms": {place: ms}}, from when each request was due, or was sent in a closed
loop. It is as lean as the library allows: no limit of connections, a large buffer, streams read
in whatever pieces come, nothing looked into. Only a schedule numbers its requests.
"""

import asyncio
import json
import sys
import time

import aiohttp
import uvloop

_READ_BYTES = 4 * 1024 * 1024


class _Asker:
    def __init__(self, session: aiohttp.ClientSession, request: dict[str, str]) -> None:
        self._session, self._url = session, request["url"]
        self._body = request["body"].encode()
        self.latencies_ms: dict[int, float] = {}

    async def ask(self, place: int, due_s: float, *, numbered: bool = False) -> None:
        headers = {"x-request-id": str(place)} if numbered else None
        async with self._session.post(self._url, data=self._body, headers=headers) as answer:
            if answer.content_type == "text/event-stream":
                async for _ in answer.content.iter_any():
                    pass
            else:
                await answer.read()
        self.latencies_ms[place] = 1000 * (time.perf_counter() - due_s)


async def _closed(asker: _Asker, lasts_s: float, connections: int) -> None:
    until_s = time.perf_counter() + lasts_s

    async def one_after_the_other(first: int) -> None:
        place = first
        while (now_s := time.perf_counter()) < until_s:
            await asker.ask(place, now_s)
            place += connections

    await asyncio.gather(*(one_after_the_other(number) for number in range(connections)))


async def _paced(asker: _Asker, rate_per_s: float, count: int) -> None:
    starts_s = time.perf_counter() + 0.1
    under_way = set()
    for place in range(count):
        due_s = starts_s + place / rate_per_s
        if (early_s := due_s - time.perf_counter()) > 0:
            await asyncio.sleep(early_s)
        task = asyncio.create_task(asker.ask(place, due_s, numbered=True))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)


async def _main(file: str, work: str, first: str, second: str) -> None:
    with open(file) as opened:  # noqa: PTH123, ASYNC230 - before anything is timed
        request = json.load(opened)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        connector=connector, read_bufsize=_READ_BYTES, headers=request["headers"]
    ) as session:
        asker = _Asker(session, request)
        if work == "closed":
            await _closed(asker, float(first), int(second))
        else:
            await _paced(asker, float(first), int(second))
    print(json.dumps({"latencies_ms": asker.latencies_ms}))


if __name__ == "__main__":
    uvloop.run(_main(*sys.argv[1:]))
