"""One gate process, from its file to its end."""

import asyncio
import fcntl
import gc
import logging
import os
import resource
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING

import uvloop

from gameday.catalog.gate_file import load_gate_config
from gameday.domain.errors import StartError
from gameday.domain.gate_config import NO_DIALECT, GateConfig, Limits
from gameday.gate.admin import Admin, AdminConnection
from gameday.gate.boot import Boot
from gameday.gate.clock import Clock
from gameday.gate.listener import Listener, address
from gameday.supervisor.secrets import read_secret

if TYPE_CHECKING:
    from gameday.gate.books import Books

_log = logging.getLogger(__name__)
_SWEEP_S_MAX = 1.0
_SWEEP_S_MIN = 0.05
_SWEEPS_PER_LIMIT = 4
_LOCK_WITHIN_S = 0.5  # whoever asks if this gate lives holds its lock for a moment


Keys = Mapping[str, Mapping[str, str]]
"""Of the alternates that have one: by listener, then by alternate."""


def run(file: Path, *, with_parent: bool) -> int:
    """Serve until told to end; returns the exit code. Raises FileError and StartError."""
    lock = _hold_lock(file)
    config = load_gate_config(file)
    token = read_secret(config.token, beside=file.parent)
    keys = _alternates_keys(config, beside=file.parent)
    _raise_file_limit()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_serve(config, token, keys, with_parent=with_parent))
    finally:
        lock.close()


async def _serve(config: GateConfig, token: str, keys: Keys, *, with_parent: bool) -> int:
    loop = asyncio.get_running_loop()
    gate = Gate(config, token, loop, keys)
    await gate.open()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, gate.stop)
    if with_parent:
        from gameday.supervisor.child import leave_with_parent  # noqa: PLC0415 - a quick start

        leave_with_parent(lambda: _from_thread(loop, gate.stop))
    await gate.until_stopped()
    return 0


class Gate:
    """All listeners of one gate file, its admin port, and what they share."""

    def __init__(
        self,
        config: GateConfig,
        token: str,
        loop: asyncio.AbstractEventLoop,
        keys: Keys | None = None,
    ) -> None:
        self._config = config
        self._loop = loop
        self._clock = Clock(loop.time())
        self.listeners = {
            name: Listener(name, listener, config.limits, loop, self._clock, (keys or {}).get(name))
            for name, listener in config.listeners.items()
        }
        self._boot = Boot(os.urandom(8).hex(), time.time())
        self._books: asyncio.Future[Books] = loop.create_future()
        self._admin = Admin(token, self._boot, self._books)
        self._admin_server: asyncio.AbstractServer | None = None
        self._stops = 0
        self._stopped = asyncio.Event()
        self._sweep_every_s = _sweep_every_s(config.limits)

    async def open(self) -> None:
        """Serve. Raises StartError when an address cannot be had."""
        for name, listener in self.listeners.items():
            await _bind(listener.open, f"listener {name}", listener.config.listen)
        await _bind(self._open_admin, "the admin port", self._config.admin)
        self._sweep()
        self._warming = self._loop.create_task(self._warm())

    async def _open_admin(self) -> None:
        host, port = address(self._config.admin)
        self._admin_server = await self._loop.create_server(
            lambda: AdminConnection(self._admin, self._loop), host, port
        )

    async def _warm(self) -> None:
        """Import what rules need, beside the traffic and not before it."""
        spoken = {listener.config.dialect for listener in self.listeners.values()}
        dialects = {str(one) for one in spoken if one != NO_DIALECT}
        try:
            books = await asyncio.to_thread(_import_books, dialects)
            self._books.set_result(books(self.listeners, self._loop, self._boot))
        except Exception as error:  # noqa: BLE001 - no rules are no reason to stop traffic
            _log.exception("rules cannot be put at this gate; traffic passes")
            self._books.set_exception(error)
            self._books.exception()  # seen: it is logged, and each admin call says so
        # What is there now stays; collections need not look at it again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 50, 100)

    def _warm_books(self) -> "Books | None":
        """None before rules can be had, and where they cannot."""
        return self._books.result() if self._books.done() and not self._books.exception() else None

    async def warmed(self) -> None:
        """Wait until rules can be put."""
        await self._warming

    # --- the end ------------------------------------------------------------------------------

    def stop(self) -> None:
        """Once: let what is under way come to its end. Twice: end at once."""
        self._stops += 1
        if self._stops > 1:
            self._stopped.set()
            return
        if (books := self._warm_books()) is not None:
            books.rules.end_all("the gate was stopped")
        for listener in self.listeners.values():
            listener.drain()
        self._loop.call_later(self._config.limits.drain_within, self._stopped.set)
        self._look_if_drained()

    def _look_if_drained(self) -> None:
        if any(listener.clients for listener in self.listeners.values()):
            self._loop.call_later(0.02, self._look_if_drained)
        else:
            self._stopped.set()

    async def until_stopped(self) -> None:
        await self._stopped.wait()
        self._sweeping.cancel()
        self._admin.close()
        if self._admin_server is not None:
            self._admin_server.close()
        for listener in self.listeners.values():
            listener.close()
        if (books := self._warm_books()) is not None:
            books.delays.close()
        await asyncio.sleep(0)  # for connections to be told that they are lost

    def _sweep(self) -> None:
        now = self._clock.now = self._loop.time()
        for listener in self.listeners.values():
            listener.sweep(now)
        self._admin.sweep(now)
        if (books := self._warm_books()) is not None:
            books.watches.sweep()
        self._sweeping = self._loop.call_later(self._sweep_every_s, self._sweep)


def _alternates_keys(config: GateConfig, *, beside: Path) -> Keys:
    """Raises FileError when one is not there."""
    return {
        name: {
            other: read_secret(one.key, beside=beside)
            for other, one in listener.alternates.items()
            if one.key is not None
        }
        for name, listener in config.listeners.items()
    }


def _import_books(dialects: set[str]) -> "type[Books]":
    from gameday.gate.books import warm  # noqa: PLC0415 - that is what this is for

    return warm(dialects)


def _from_thread(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(stop)


def _sweep_every_s(limits: Limits) -> float:
    shortest = min(limits.head_within, limits.body_within, limits.idle, limits.answer_within)
    return max(_SWEEP_S_MIN, min(_SWEEP_S_MAX, shortest / _SWEEPS_PER_LIMIT))


async def _bind(opening: Callable[[], Awaitable[None]], what: str, where: str) -> None:
    try:
        await opening()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise StartError(
            f"{what} cannot listen on {where}: {why}",
            next_step="end the program that holds it, or change the gate file",
        ) from error


def _hold_lock(file: Path) -> IO[str]:
    """The lock beside the gate file; whoever wants to know if this gate lives tries it."""
    path = file.with_name(f"{file.name}.lock")
    try:
        lock = path.open("a+")
    except OSError as error:
        raise StartError(f"{path} cannot be written: {error.strerror}") from error
    give_up_s = time.monotonic() + _LOCK_WITHIN_S
    while not _locks(lock):
        if time.monotonic() > give_up_s:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            lock.close()
            raise StartError(
                f"another gate runs from {file} (process {holder})",
                next_step="end it first, or start this one from a file of its own",
            )
        time.sleep(0.02)
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _locks(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _raise_file_limit() -> None:
    """Two descriptors for each open stream are more than the usual limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
