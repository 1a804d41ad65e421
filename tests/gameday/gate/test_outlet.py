"""Bytes leave in their order, whoever writes them: the kernel at once, or the event loop later."""

import asyncio
import socket

import pytest
import uvloop

from gameday.gate import outlet

BIG = 4_000_000


class Kept(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.lost = asyncio.get_running_loop().create_future()

    def connection_lost(self, exc):
        if not self.lost.done():
            self.lost.set_result(exc)


async def connected():
    near, far = socket.socketpair()
    near.setblocking(False)
    far.setblocking(False)
    transport, protocol = await asyncio.get_running_loop().create_connection(Kept, sock=near)
    return transport, protocol, far


async def read(far, count):
    loop, got = asyncio.get_running_loop(), b""
    while len(got) < count and (data := await loop.sock_recv(far, 65_536)):
        got += data
    return got


async def run_mixed():
    transport, _, far = await connected()
    number = outlet.descriptor(transport)
    pieces = [b"a" * 10, b"b" * BIG, b"c" * 10, b"d" * 100_000, b"e"]
    outlet.write(transport, number, pieces[0])
    assert transport.get_write_buffer_size() == 0  # it is gone already
    outlet.write(transport, number, pieces[1])
    assert transport.get_write_buffer_size() > 0  # the kernel took a part of it
    outlet.write(transport, number, pieces[2])
    transport.write(pieces[3])
    outlet.write(transport, number, pieces[4])
    wanted = b"".join(pieces)
    assert await read(far, len(wanted)) == wanted
    transport.close()
    far.close()


async def run_queued_by_the_transport():
    transport, _, far = await connected()
    transport.write(b"first")  # the loop sends it at the end of its turn
    outlet.write(transport, outlet.descriptor(transport), b"second")
    assert await read(far, 11) == b"firstsecond"
    transport.close()
    far.close()


async def run_gone():
    transport, protocol, far = await connected()
    far.close()
    for _ in range(3):
        outlet.write(transport, outlet.descriptor(transport), b"x" * 1000)
        await asyncio.sleep(0)
    assert isinstance(await asyncio.wait_for(protocol.lost, 5), OSError | None)


@pytest.mark.parametrize("run", [run_mixed, run_queued_by_the_transport, run_gone])
def test_on_uvloop(run):
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


def test_an_encrypted_connection_is_left_to_its_transport():
    class Encrypted:
        written = b""

        def is_closing(self):
            return False

        def get_extra_info(self, name):
            return object() if name == "sslcontext" else None

        def write(self, data):
            self.written += data

    transport = Encrypted()
    number = outlet.descriptor(transport)
    assert number == outlet.ENCRYPTED
    outlet.write(transport, number, b"data")
    assert transport.written == b"data"
