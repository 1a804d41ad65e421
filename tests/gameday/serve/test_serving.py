"""Receiver and dispatcher live and die together, and an answer does not wait for its sender."""

import asyncio
import socket

import pytest
from starlette.applications import Starlette

from gameday.domain.errors import StartError
from gameday.serve.serving import bound, serve


class Broken:
    async def run(self):
        await asyncio.sleep(0.05)
        raise AssertionError("a mistake of ours")


async def test_a_dispatcher_that_fails_ends_the_receiver_that_would_else_be_mute():
    with bound("127.0.0.1", 0) as listening, pytest.raises(ExceptionGroup) as caught:
        await asyncio.wait_for(serve(Starlette(), Broken(), listening), 60)
    assert caught.group_contains(AssertionError, match="a mistake of ours")


def test_an_address_that_is_taken_is_told():
    with bound("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(StartError, match=f"127.0.0.1:{port} cannot be listened at"):
            bound("127.0.0.1", port)


def test_what_it_accepts_sends_at_once():
    with (
        bound("127.0.0.1", 0) as listening,
        socket.create_connection(listening.getsockname()),
        listening.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
