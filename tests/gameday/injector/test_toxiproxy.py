"""The adapter for Toxiproxy: every call ends in time, whatever was set is read back."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gameday.domain.errors import InjectorRefusedError, InjectorUnreachableError, StartError
from gameday.domain.ports import Toxic
from gameday.faults.latency import Latency
from gameday.injector.port import PathGoneError
from gameday.injector.toxiproxy import Toxiproxy
from gameday.supervisor.ports import free_port
from tests.gameday.injector.rig import Proxied, ToxiproxyServer, Upstream, soon

SLOW = Toxic(name="slow", type="latency", attributes={"latency": 5, "jitter": 1})


async def test_read_tells_everything(primary: Proxied):
    primary.server.add("primary", SLOW)
    state = await primary.path.read()
    assert (state.name, state.enabled, state.toxics) == ("primary", True, (SLOW,))
    assert state.upstream == primary.upstream.address


async def test_a_toxic_of_the_same_name_is_replaced(primary: Proxied):
    await primary.path.add_toxic(SLOW)
    slower = SLOW.model_copy(update={"attributes": {"latency": 9, "jitter": 0}})
    await primary.path.add_toxic(slower)
    await primary.path.add_toxic(slower)
    assert primary.read().toxics == (slower,)


async def test_removing_what_is_not_there_is_no_error(primary: Proxied):
    await primary.path.remove_toxic("nothing")
    assert primary.is_clean()


async def test_a_bad_toxic_is_refused_with_what_toxiproxy_said(primary: Proxied):
    with pytest.raises(InjectorRefusedError, match="invalid toxic type"):
        await primary.path.add_toxic(Toxic(name="x", type="no_such_type"))


async def test_dial(primary: Proxied):
    assert await primary.path.dial() == "accepted"
    await primary.path.set_enabled(False)
    assert await primary.path.dial() == "refused"


async def test_bytes_of_ended_connections_are_counted(primary: Proxied):
    before = await primary.path.count_bytes()
    primary.ask()

    async def counted() -> bool:
        now = await primary.path.count_bytes()
        return now["downstream"] - before["downstream"] == len(b"pong")

    await soon(counted, "the answer's bytes are counted")


async def test_without_metrics_nothing_is_counted(tmp_path: Path):
    server = ToxiproxyServer(tmp_path / "log", metrics=False)
    server.start()
    upstream = Upstream()
    server.create("primary", upstream.address)
    assert await Toxiproxy(server.url).path("primary").count_bytes() == {}
    server.child.stop()
    upstream.close()


async def test_an_unknown_proxy_is_gone(primary: Proxied):
    with pytest.raises(PathGoneError, match="no proxy 'tertiary'"):
        await Toxiproxy(primary.server.url).path("tertiary").read()


async def test_obstacles_are_named(primary: Proxied):
    server = Toxiproxy(primary.server.url)
    assert (await server.look("primary")).obstacle == ""
    primary.server.add("primary", SLOW)
    assert "slow" in (await server.look("primary")).obstacle
    primary.server.set_enabled("primary", False)
    assert "disabled already" in (await server.look("primary")).obstacle


async def test_rebuild_makes_the_proxy_as_it_was(primary: Proxied):
    server = Toxiproxy(primary.server.url)
    before = primary.read()
    look = await server.look("primary")
    await primary.path.set_enabled(False)
    await server.rebuild("primary", look.state)
    assert primary.read() == before
    primary.server.delete("primary")
    await server.rebuild("primary", look.state)  # also when somebody deleted it already
    assert primary.read() == before


async def test_nobody_there():
    server = Toxiproxy(f"http://127.0.0.1:{free_port()}")
    assert not await server.answers()
    with pytest.raises(InjectorUnreachableError, match="did not answer"):
        await server.path("primary").read()


@pytest.mark.parametrize("url", ["localhost:8474", "https://x:1", "http://", "http://x:y", ""])
def test_an_address_that_is_none_is_a_start_error(url: str):
    with pytest.raises(StartError, match="expected an address such as"):
        Toxiproxy(url)


async def test_two_servers_are_not_mixed_up(primary: Proxied, tmp_path: Path):
    """The client keeps its address in class attributes; each call must name its own server."""
    other = ToxiproxyServer(tmp_path / "log")
    other.start()
    upstream = Upstream()
    other.create("primary", upstream.address)
    here, there = primary.path, Toxiproxy(other.url).path("primary")
    states = await asyncio.gather(*(path.read() for _ in range(20) for path in (here, there)))
    assert {state.upstream for state in states[::2]} == {primary.upstream.address}
    assert {state.upstream for state in states[1::2]} == {upstream.address}
    other.child.stop()
    upstream.close()


class Odd(BaseHTTPRequestHandler):
    """A Toxiproxy that takes every change, changes nothing, and can fail or hang."""

    status = 200
    wait = threading.Event()
    hang_on = ""

    def answer(self) -> None:
        length = int(self.headers.get("content-length", 0))
        self.rfile.read(length)
        if self.hang_on and self.command == self.hang_on:
            self.wait.wait(10)
        ends = {"listen": "127.0.0.1:1", "upstream": "127.0.0.1:2"}
        toxics = [SLOW.model_dump()]
        body = json.dumps({"name": "primary", "enabled": True, "toxics": toxics, **ends}).encode()
        self.send_response(self.status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = answer  # noqa: N815 - the names that the base class calls

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[type[Odd], Toxiproxy]]:
    handler = type("OddNow", (Odd,), {"wait": threading.Event()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield handler, Toxiproxy(f"http://127.0.0.1:{server.server_port}", timeout_s=0.3)
    handler.wait.set()
    server.shutdown()
    server.server_close()


async def test_an_answer_of_500_is_an_error(odd: tuple[type[Odd], Toxiproxy]):
    handler, server = odd
    handler.status = 500
    with pytest.raises(InjectorRefusedError, match="answered 500"):
        await server.path("primary").read()


async def test_what_did_not_take_is_an_error(odd: tuple[type[Odd], Toxiproxy]):
    path = odd[1].path("primary")
    with pytest.raises(InjectorRefusedError, match="did not become disabled"):
        await path.set_enabled(False)
    with pytest.raises(InjectorRefusedError, match="did not take toxic other"):
        await path.add_toxic(SLOW.model_copy(update={"name": "other"}))
    with pytest.raises(InjectorRefusedError, match="did not let go of toxic slow"):
        await path.remove_toxic("slow")


async def test_a_delete_that_hangs_is_given_up_in_time(odd: tuple[type[Odd], Toxiproxy]):
    handler, server = odd
    handler.hang_on = "DELETE"
    began = time.monotonic()
    with pytest.raises(InjectorUnreachableError, match=r"within 0\.3 s"):
        await server.path("primary").remove_toxic("slow")
    assert time.monotonic() - began < 5
    assert await server.answers()


async def test_the_event_loop_is_free_while_a_call_hangs(odd: tuple[type[Odd], Toxiproxy]):
    handler, server = odd
    handler.hang_on = "GET"
    reading = asyncio.create_task(server.path("primary").read())
    turns = 0
    while not reading.done():
        await asyncio.sleep(0.01)
        turns += 1
    assert turns > 3
    with pytest.raises(InjectorUnreachableError):
        await reading


async def test_a_toxic_that_real_toxiproxy_cannot_remove(toxiproxy: ToxiproxyServer):
    """A client that does not read its answer makes the removal of a toxic hang, upstream."""
    upstream = Upstream(b"x" * 50_000_000)
    toxiproxy.create("clogged", upstream.address)
    clogged = Proxied(toxiproxy, "clogged", upstream)
    fault, server = Latency(latency_ms=1), Toxiproxy(toxiproxy.url, timeout_s=1)
    look = await server.look("clogged")
    await fault.inject(clogged.path, "f1")
    with clogged.connected() as deaf:
        deaf.sendall(b"ping")
        await asyncio.sleep(0.5)  # lets the answer fill every buffer on the way
        with pytest.raises(InjectorUnreachableError):
            await fault.restore(server.path("clogged"), "f1", look.state)
        await server.rebuild("clogged", look.state)
        assert await fault.is_restored(server.path("clogged"), "f1", look.state)
    assert clogged.is_clean()
    toxiproxy.delete("clogged")
    upstream.close()
