"""The gate as a process: how it starts, how it says why it does not, how it ends."""

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gameday.domain.gate_config import Limits
from gameday.gate.serving import _sweep_every_s
from gameday.supervisor.ports import free_ports
from tests.gameday.gate.rig import Client, closed, gate_before, reply, serving, stream, token, until

START_S_MAX = 30.0


def gate_file(folder, upstream, **more):
    port, admin = free_ports(2)
    path = folder / "gate.yaml"
    path.write_text(
        json.dumps(
            {
                "gate": "test",
                "admin": f"127.0.0.1:{admin}",
                "token": "env:GATE_TOKEN",
                "listeners": {
                    "primary": {
                        "listen": f"127.0.0.1:{port}",
                        "upstream": upstream,
                        "dialect": "openai",
                        **more.pop("listener", {}),
                    }
                },
                **more,
            }
        )
    )
    return path, port, admin


def start(path, *more):
    return subprocess.Popen(
        [sys.executable, "-m", "gameday.gate", "--config", str(path), *more],
        env={**os.environ, "GATE_TOKEN": "a-token"},
        stderr=subprocess.PIPE,
    )


@contextlib.asynccontextmanager
async def running(path, port):
    process = start(path)
    try:
        await serves(port, process)
        yield process
    finally:
        process.kill()
        await asyncio.to_thread(process.communicate)


async def serves(port, process):
    give_up = time.monotonic() + START_S_MAX
    while True:
        try:
            client = await Client.connect(port)
        except OSError:
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < give_up
            await asyncio.sleep(0.02)
        else:
            await closed(client.writer)
            return


def is_locked(path):
    with path.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


async def ended(process, within_s=30.0):
    return await asyncio.wait_for(asyncio.to_thread(process.wait), within_s)


async def hello(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    await reply(writer, b"hello")


async def test_it_serves_at_once_and_takes_rules_soon_after(tmp_path):
    async with serving(hello) as url:
        path, port, admin = gate_file(tmp_path, url)
        async with running(path, port) as process:
            client = await Client.connect(port)
            assert (await client.get()).body == b"hello"
            asked = await Client.connect(admin)
            fault = {"kind": "rate_limit", "on": "provider/primary"}
            rule = {"id": "r", "run_id": "R", "listener": "primary", "lease_s": 9, "fault": fault}
            asked.ask(
                "/rules/r", json.dumps(rule).encode(), method="PUT", authorization="Bearer a-token"
            )
            assert (await asked.answer()).status == 200
            assert (await client.get()).status == 429
            asked.ask("/health", b"", method="GET")
            assert json.loads((await asked.answer()).body)["pid"] == process.pid
            for one in (client, asked):
                await closed(one.writer)


async def test_the_lock_beside_its_file_is_held_for_its_life(tmp_path):
    async with serving(hello) as url:
        path, port, _ = gate_file(tmp_path, url)
        lock_file = Path(f"{path}.lock")
        async with running(path, port) as process:
            assert lock_file.read_text() == str(process.pid)
            assert is_locked(lock_file)
            second = start(path)
            _, said = await asyncio.to_thread(second.communicate)
            assert second.returncode == 2
            assert f"process {process.pid}".encode() in said
            process.kill()
            await ended(process)
            assert not is_locked(lock_file)
        async with running(path, port):
            client = await Client.connect(port)
            assert (await client.get()).body == b"hello"
            await closed(client.writer)


async def test_killed_with_9_it_comes_back_clean(tmp_path):
    async with serving(hello) as url:
        path, port, admin = gate_file(tmp_path, url)
        async with running(path, port) as process:
            asked = await Client.connect(admin)
            fault = {"kind": "rate_limit", "on": "provider/primary"}
            rule = {"id": "r", "run_id": "R", "listener": "primary", "lease_s": 99, "fault": fault}
            body = json.dumps(rule).encode()
            asked.ask("/rules/r", body, method="PUT", authorization="Bearer a-token")
            assert (await asked.answer()).status == 200
            await closed(asked.writer)
            process.kill()
            await ended(process)
        async with running(path, port):
            client = await Client.connect(port)
            assert (await client.get()).body == b"hello"
            await closed(client.writer)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"listener": {"dialect": "klingon"}}, ["gate.yaml:", "dialect"]),
        ({"nonsense": 1}, ["gate.yaml:", "nonsense"]),
        ({"token": "env:NOT_SET_ANYWHERE"}, ["NOT_SET_ANYWHERE"]),
        ({"listener": {"upstream": "https://"}}, ["upstream"]),
        ({"listener": {"upstream": "http://a.example:99999"}}, ["primary", "99999"]),
        ({"listener": {"listen": "127.0.0.1:99999"}}, ["primary", "99999"]),
        ({"listener": {"upstream": "https://a.example", "ca_file": "/no/such"}}, ["/no/such"]),
    ],
)
def test_a_file_that_is_wrong_is_said_in_a_sentence(tmp_path, change, words):
    path, _, _ = gate_file(tmp_path, "http://127.0.0.1:9", **change)
    process = start(path)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert b"Traceback" not in said
    assert all(word.encode() in said for word in words), said


def test_a_missing_file_and_a_taken_port_are_said_in_a_sentence(tmp_path):
    process = start(tmp_path / "none" / "gate.yaml")
    _, said = process.communicate(timeout=60)
    assert (process.returncode, b"Traceback" in said) == (2, False)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = f"127.0.0.1:{holder.getsockname()[1]}"
        path, _, _ = gate_file(tmp_path, "http://127.0.0.1:9", listener={"listen": taken})
        process = start(path)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 2
        assert taken.encode() in said
        assert b"Traceback" not in said


async def slowly(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    await stream(writer, [token(str(number)) for number in range(30)], 0.03)


async def test_told_to_end_it_finishes_what_is_under_way(tmp_path):
    async with serving(slowly) as url:
        path, port, _ = gate_file(tmp_path, url)
        async with running(path, port) as process:
            client = await Client.connect(port)
            client.ask()
            await client.head()
            process.send_signal(signal.SIGTERM)
            assert token("29") in await asyncio.wait_for(client.reader.read(), 20)
            assert await ended(process) == 0
            await closed(client.writer)


async def test_told_twice_it_ends_at_once(tmp_path):
    async def forever(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        await stream(writer, [token(str(number)) for number in range(3_000)], 0.03)

    async with serving(forever) as url:
        path, port, _ = gate_file(tmp_path, url)
        async with running(path, port) as process:
            client = await Client.connect(port)
            client.ask()
            await client.head()
            process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.2)
            assert process.poll() is None
            process.send_signal(signal.SIGTERM)
            assert await ended(process, 10) == 0
            await closed(client.writer)


async def test_draining_has_an_end(tmp_path):
    async def never(reader, writer):
        await reader.read(10_000)
        await asyncio.sleep(60)

    async with serving(never) as url:
        path, port, _ = gate_file(tmp_path, url, limits={"drain_within": "300ms"})
        async with running(path, port) as process:
            client = await Client.connect(port)
            client.ask()
            await client.writer.drain()
            await asyncio.sleep(0.1)
            process.send_signal(signal.SIGTERM)
            assert await ended(process, 10) == 0
            await closed(client.writer)


def start_under_a_parent(path):
    gate = ["-m", "gameday.gate", "--config", str(path), "--with-parent"]
    program = (
        "import subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, *{gate!r}])\n"
        "time.sleep(600)"
    )
    environment = {**os.environ, "GATE_TOKEN": "a-token"}
    return subprocess.Popen([sys.executable, "-c", program], env=environment)


async def test_with_its_parent_gone_it_ends(tmp_path):
    async with serving(hello) as url:
        path, port, _ = gate_file(tmp_path, url)
        parent = start_under_a_parent(path)
        await serves(port, parent)
        parent.kill()
        parent.wait()

        await until(lambda: not is_locked(Path(f"{path}.lock")), within_s=20)


async def test_stopping_lets_go_of_what_a_rule_holds():
    async with gate_before() as rig:
        await rig.put("slow_first_token", latency_ms=60_000, before="headers")
        client = await rig.client()
        client.ask()
        await until(lambda: rig.listener.rule.state().evidence.held == 1)
        rig.gate.stop()
        assert (await client.answer()).status == 200


def test_a_short_limit_is_looked_after_often():
    assert _sweep_every_s(Limits()) == 1.0
    assert _sweep_every_s(Limits.model_validate({"idle": "400ms"})) == pytest.approx(0.1)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for localhost, its own authority."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
            "-keyout", folder / "key.pem", "-out", folder / "cert.pem",
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return folder


async def test_an_https_upstream_is_asked_by_its_own_name(certificate):
    heads, names = [], []
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    context.sni_callback = lambda _, name, __: names.append(name)

    async def serve(reader, writer):
        with contextlib.suppress(asyncio.IncompleteReadError):
            for _ in range(2):
                heads.append(await reader.readuntil(b"\r\n\r\n{}"))
                await stream(writer, [token(str(number)) for number in range(5)], 0.005)
        await closed(writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    url = f"https://localhost:{server.sockets[0].getsockname()[1]}"
    trusted = {"ca_file": str(certificate / "cert.pem")}
    async with gate_before(upstream_url=url, listener=trusted) as rig:
        client = await rig.client()
        for _ in range(2):
            answer = await client.get()
            assert answer.chunks == [token(str(number)) for number in range(5)]
    assert names == ["localhost"]
    assert f"host: {url[8:]}".encode() in heads[0]
    async with gate_before(upstream_url=url) as rig:  # nobody vouches for it here
        answer = await (await rig.client()).get()
        assert (answer.status, answer.headers["x-gameday-gate"]) == (502, "upstream-unreachable")
    server.close()
