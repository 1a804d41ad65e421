"""A gate on real sockets in the test's own loop, an upstream to play provider, raw clients."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from gameday.domain.drill import FaultSpec, Scope
from gameday.domain.gate import MarkerMatch, Rule, RuleState
from gameday.domain.gate_config import GateConfig
from gameday.faults._gate import GateFault
from gameday.gate.dialects import find
from gameday.gate.listener import Listener
from gameday.gate.rules import ArmedRule
from gameday.gate.serving import Gate
from gameday.supervisor.ports import free_port

TOKEN = "a-token"
Play = Callable[["Asked", asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Asked:
    """One request as the upstream read it, with its own simple parser."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes
    raw_head: bytes

    def header(self, name: str) -> str | None:
        found = [value for its, value in self.headers if its.lower() == name]
        assert len(found) <= 1, found
        return found[0] if found else None


@dataclass
class Upstream:
    """Plays `play` for each request; keeps what was asked."""

    play: Play
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    port: int = 0
    tasks: set[asyncio.Task] = field(default_factory=set)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        self.writers.append(writer)
        self.tasks.add(asyncio.current_task())
        try:
            await self._talk(reader, writer)
        finally:
            self.open -= 1
            self.writers.remove(writer)
            await closed(writer)
            self.tasks.discard(asyncio.current_task())

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        gone = (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError)
        with contextlib.suppress(*gone):
            while not writer.is_closing():
                asked = await read_request(reader)
                self.asked.append(asked)
                try:
                    await self.play(asked, writer)
                except RuntimeError:
                    # That is how uvloop says that the connection was lost before a write.
                    assert writer.is_closing()
                await writer.drain()

    async def stop(self) -> None:
        for writer in self.writers:
            writer.transport.abort()
        for task in self.tasks:
            task.cancel()
        await until(lambda: not self.tasks)


async def closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError, asyncio.CancelledError):
        await writer.wait_closed()


@contextlib.asynccontextmanager
async def serving(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """The URL of an upstream that talks as `serve` does, on each connection once."""
    tasks = set()

    async def on_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        try:
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await serve(reader, writer)
                await writer.drain()
        finally:
            await closed(writer)
            tasks.discard(asyncio.current_task())

    server = await asyncio.start_server(on_connection, "127.0.0.1", 0, limit=2**20)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    for task in tasks:
        task.cancel()
    await until(lambda: not tasks)


async def read_request(reader: asyncio.StreamReader) -> Asked:
    head = await reader.readuntil(b"\r\n\r\n")
    line, *rest = head.decode("latin-1").split("\r\n")[:-2]
    headers = [(name, value.strip()) for name, _, value in (one.partition(":") for one in rest)]
    asked = Asked(line, headers, b"", head)
    if asked.header("transfer-encoding"):
        assert asked.header("content-length") is None
        asked.body = b"".join(await read_chunks(reader))
    else:
        asked.body = await reader.readexactly(int(asked.header("content-length") or 0))
    return asked


async def read_chunks(reader: asyncio.StreamReader) -> list[bytes]:
    chunks = []
    while True:
        size = int(await reader.readuntil(b"\r\n"), 16)
        data = await reader.readexactly(size)
        assert await reader.readexactly(2) == b"\r\n"
        if not size:
            return chunks
        chunks.append(data)


@dataclass
class Answered:
    status: int
    headers: dict[str, str]
    body: bytes
    chunks: list[bytes]
    interim: list[int]


class Client:
    """One raw connection to the gate."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, port: int) -> "Client":
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=2**22))

    def send(self, data: bytes) -> None:
        """Nothing happens when the gate has cut the connection: reading from it tells."""
        if not self.writer.is_closing():
            self.writer.write(data)

    def ask(
        self,
        path: str = "/v1/chat/completions",
        body: bytes = b"{}",
        *,
        method: str = "POST",
        **headers: str,
    ) -> None:
        self.send(request(path, body, method=method, **headers))

    async def head(self) -> tuple[int, dict[str, str]]:
        raw = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *rest = raw.split("\r\n")[:-2]
        assert line.startswith("HTTP/1.1 "), line
        pairs = [one.partition(": ") for one in rest]
        headers = {name.lower(): value for name, _, value in pairs}
        assert len(headers) == len(pairs), raw
        return int(line.split(" ")[1]), headers

    async def answer(self, *, bodyless: bool = False) -> Answered:
        interim = []
        status, headers = await self.head()
        while status < 200:
            interim.append(status)
            status, headers = await self.head()
        chunks: list[bytes] = []
        if bodyless or status in {204, 304}:
            body = b""
        elif "transfer-encoding" in headers:
            assert headers["transfer-encoding"] == "chunked"
            assert "content-length" not in headers
            chunks = await read_chunks(self.reader)
            body = b"".join(chunks)
        elif "content-length" in headers:
            body = await self.reader.readexactly(int(headers["content-length"]))
        else:
            body = await self.reader.read()
        return Answered(status, headers, body, chunks, interim)

    async def get(self, path: str = "/v1/chat/completions", **more: str) -> Answered:
        self.ask(path, **more)
        return await self.answer()

    async def ended(self) -> bool:
        """Whether the gate has closed it, by an end or a reset, and said nothing more."""
        try:
            return await asyncio.wait_for(self.reader.read(), 10) == b""
        except ConnectionError:
            return True

    def close(self) -> None:
        self.writer.close()


def request(
    path: str = "/v1/chat/completions", body: bytes = b"{}", *, method: str = "POST", **headers: str
) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: gate.example"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


async def reply(
    writer: asyncio.StreamWriter,
    body: bytes = b'{"ok":true}',
    status: str = "200 OK",
    content_type: str = "application/json",
) -> None:
    writer.write(
        f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


SSE_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
)


def token(word: str) -> bytes:
    """One content event in OpenAI's words."""
    delta = {"choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}]}
    return b"data: " + json.dumps(delta).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


async def stream(writer: asyncio.StreamWriter, events: list[bytes], gap_s: float = 0.0) -> None:
    writer.write(SSE_HEAD)
    for event in events:
        writer.write(chunk(event))
        if gap_s:
            await asyncio.sleep(gap_s)
    writer.write(b"0\r\n\r\n")


async def echo(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Answer with the request's own id and body."""
    await reply(
        writer, json.dumps({"id": asked.header("x-id"), "body": asked.body.decode()}).encode()
    )


@dataclass
class Rig:
    gate: Gate
    listener: Listener
    upstream: Upstream
    port: int
    admin_port: int
    clients: list[Client] = field(default_factory=list)

    async def client(self) -> Client:
        client = await Client.connect(self.port)
        self.clients.append(client)
        return client

    async def admin_client(self) -> Client:
        client = await Client.connect(self.admin_port)
        self.clients.append(client)
        return client

    def arm(
        self,
        fault: GateFault,
        *,
        scope: Scope = Scope.ALL,
        marker: MarkerMatch | None = None,
        lease_s: float = 30.0,
        rule_id: str = "r1",
    ) -> ArmedRule:
        """Put a fault in force without the admin API, so that a test may bring its own."""
        spec = FaultSpec(kind="of-the-test", on="provider/primary", scope=scope)
        rule = Rule(
            id=rule_id,
            run_id="RUN",
            listener="primary",
            fault=spec,
            marker=marker,
            lease_s=lease_s,
        )
        armed = ArmedRule(rule, fault, find("openai"), self.listener)
        self.listener.rule = armed
        return armed

    async def tell(
        self, method: str, path: str, body: object = None, token: str = TOKEN
    ) -> tuple[int, dict]:
        """One call of the admin API."""
        client = await Client.connect(self.admin_port)
        raw = b"" if body is None else json.dumps(body).encode()
        client.ask(path, raw, method=method, authorization=f"Bearer {token}")
        answer = await client.answer()
        await closed(client.writer)
        return answer.status, json.loads(answer.body)

    async def put(
        self, kind: str, rule_id: str = "r1", lease_s: float = 30.0, **fault
    ) -> RuleState:
        body = {
            "id": rule_id,
            "run_id": "RUN",
            "listener": "primary",
            "lease_s": lease_s,
            "fault": {"kind": kind, "on": "provider/primary", **fault},
        }
        status, said = await self.tell("PUT", f"/rules/{rule_id}", body)
        assert status == 200, said
        return RuleState.model_validate_json(json.dumps(said))

    def is_at_rest(self) -> bool:
        """No client, no answer under way, nothing held."""
        listener = self.listener
        busy = [one for one in listener.upstreams if one.exchange is not None]
        held = listener.rule.holds if listener.rule else ()
        return not listener.clients and not busy and not held


async def until(condition: Callable[[], bool], *, within_s: float = 10.0) -> None:
    give_up = asyncio.get_running_loop().time() + within_s
    while not condition():
        assert asyncio.get_running_loop().time() < give_up, "it did not come true in time"
        await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def gate_before(
    play: Play = echo,
    *,
    upstream_url: str = "",
    listener: Mapping[str, object] | None = None,
    keys: Mapping[str, Mapping[str, str]] | None = None,
    **limits: object,
) -> AsyncIterator[Rig]:
    """A gate before an upstream that plays `play`. At the end nothing may be left."""
    upstream = Upstream(play)
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0, limit=2**22)
    upstream.port = server.sockets[0].getsockname()[1]
    port, admin_port = free_port(), free_port()
    config = GateConfig.model_validate(
        {
            "gate": "test",
            "admin": f"127.0.0.1:{admin_port}",
            "token": "env:NONE",
            "listeners": {
                "primary": {
                    "listen": f"127.0.0.1:{port}",
                    "upstream": upstream_url or upstream.url,
                    "dialect": "openai",
                    **(listener or {}),
                }
            },
            "limits": limits,
        }
    )
    gate = Gate(config, TOKEN, asyncio.get_running_loop(), keys)
    await gate.open()
    await gate.warmed()
    rig = Rig(gate, gate.listeners["primary"], upstream, port, admin_port)
    try:
        yield rig
        for client in rig.clients:
            client.close()
        await until(rig.is_at_rest)
    finally:
        for client in rig.clients:
            client.writer.transport.abort()
        gate.stop()
        gate.stop()
        await gate.until_stopped()
        server.close()
        await upstream.stop()
        for client in rig.clients:
            await closed(client.writer)
        await until(lambda: not rig.listener.clients and not rig.listener.upstreams)
        await until(lambda: not gate._admin.connections)
