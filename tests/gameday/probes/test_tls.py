"""HTTPS: the front door's certificate is verified, and a private authority can be named."""

import ssl

import pytest
import trustme

from gameday.domain.errors import FileError
from gameday.domain.front_door import FrontDoor
from gameday.domain.sample import Outcome
from gameday.domain.scoring import RatedSet
from gameday.probes.ask_once import ask_once
from gameday.probes.caller import Caller
from gameday.probes.questions import Question
from tests.gameday.probes.wire_rig import STREAM, STREAM_HEAD, body, chunk, due, front_door, whole
from tests.gameday.probes.wire_rig import question as asked


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def ca_file(authority, tmp_path):
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


def server_side(authority, *names):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def secure(say, authority, door, name="127.0.0.1", host="127.0.0.1", **more):
    tls = server_side(authority, name)
    return front_door(say, door, tls=tls, scheme="https", host=host, **more)


async def test_a_trusted_front_door_is_asked_over_one_connection(authority, ca_file):
    door = FrontDoor(ca_file=ca_file)
    async with secure(lambda *_: [whole(body())], authority, door) as (at, client):
        for _ in range(3):
            assert (await client.ask(asked(), due())).good
    assert at.connections == 1


async def test_a_stream_comes_through(authority, ca_file):
    pieces = [STREAM_HEAD, *[chunk(bytes([byte])) for byte in STREAM], b"0\r\n\r\n"]
    door = FrontDoor(ca_file=ca_file)
    async with secure(lambda *_: pieces, authority, door, stream=True) as (_, client):
        sample = await client.ask(asked(), due())
    assert (sample.outcome, sample.answer_excerpt) == (Outcome.OK, "After 30 days.")


async def test_a_host_is_asked_by_its_name(authority, ca_file):
    door = FrontDoor(ca_file=ca_file)
    say = [whole(body())]
    async with secure(lambda *_: say, authority, door, "localhost", "localhost") as (at, client):
        assert (await client.ask(asked(), due())).good
    assert at.requests[0][1]["host"].startswith("localhost:")


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_front_door_that_cannot_be_trusted_is_sent_nothing(authority, ca_file, trusted):
    """An authority that nobody knows; and a certificate of another host."""
    door = FrontDoor(ca_file=ca_file if trusted else None)
    name = "elsewhere.example" if trusted else "127.0.0.1"
    async with secure(lambda *_: [whole(body())], authority, door, name) as (at, client):
        sample = await client.ask(asked(), due())
    assert sample.outcome is Outcome.REFUSED
    assert "certificate is not trusted" in sample.detail
    assert not at.requests


@pytest.mark.parametrize("content", [None, "no certificate"])
async def test_a_file_without_certificates_is_said(tmp_path, content):
    path = tmp_path / "authority.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(FileError, match="no file of certificates"):
        await ask_once(
            "https://127.0.0.1:9", FrontDoor(ca_file=str(path)),
            Question("c", "?", RatedSet("c")), caller=Caller(), stream=False,
        )  # fmt: skip
