"""The control process: restores what an earlier one left, then serves, until asked to end."""

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
import time

from gameday.components._orphans import end_orphans
from gameday.domain.errors import StartError
from gameday.domain.policy import Policy
from gameday.injector.act import make_act
from gameday.injector.acts import ActKeeper
from gameday.injector.drivers import Drivers
from gameday.injector.journal import Entry, UndoJournal
from gameday.injector.keeper import RETRY_EVERY_S, FaultKeeper
from gameday.injector.settings import EXIT_HELD, InjectorSettings
from gameday.injector.state import StateFolder
from gameday.supervisor.ports import LOOPBACK

_TICK_S = 0.1
_BEAT_EVERY_S = 0.5
_GATES_WITHIN_S = 15.0  # generous: a machine that starts everything at once is busy
_END_WITHIN_S = 5.0  # a path that does not answer must not keep the process for ever


def run(settings: InjectorSettings) -> int:
    """Be the control process. Returns the exit code; raises StartError."""
    folder = StateFolder(settings.state)
    if folder.take("control") is None:
        if settings.revived:
            return EXIT_HELD
        raise StartError(f"an injector already runs with the state folder {settings.state}")
    try:
        journal = UndoJournal(folder.journal)
    except OSError as error:
        raise StartError(
            f"the undo journal {folder.journal} cannot be opened: {error.strerror}"
        ) from error
    return asyncio.run(_Control(settings, folder, journal).run())


class _Control:
    def __init__(
        self, settings: InjectorSettings, folder: StateFolder, journal: UndoJournal
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._journal = journal
        self._drivers = Drivers(settings.toxiproxy, settings.gates, settings.targets)
        self._keeper = FaultKeeper(journal, self._drivers.ports(), make_act)
        self._acts = ActKeeper(journal, self._keeper, self._drivers.components)
        self._ending = asyncio.Event()
        self._watchdog: subprocess.Popen[bytes] | None = None

    async def run(self) -> int:
        """Recover before everything else: no bad policy, no taken port may stand before that."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self._ask_to_end)
        beating = asyncio.create_task(self._beat())
        try:
            return await self._recover_and_serve()
        finally:
            beating.cancel()

    async def _beat(self) -> None:
        while True:
            with contextlib.suppress(OSError):
                self._folder.beat()
            await asyncio.sleep(_BEAT_EVERY_S)

    async def _recover_and_serve(self) -> int:
        was_outstanding = bool(self._journal.memory.outstanding)
        if self._journal.memory.unreadable_lines:
            _say(f"{self._journal.memory.unreadable_lines} torn lines in the journal were skipped")
        gates = tuple(str(file) for file in self._settings.gates)
        targets = tuple(str(file) for file in self._settings.targets)
        toxiproxy = self._settings.toxiproxy
        serving = Entry(what="serving", toxiproxy=toxiproxy, gates=gates, targets=targets)
        self._journal.note(serving)
        if ended := await asyncio.to_thread(end_orphans):
            _say(f"commands that a dead process had left were ended: {ended}")
        for record in await self._keeper.recover():
            _say(f"fault {record.id}: {record.state} ({record.cleared_because})")
        if not self._folder.is_to_end():
            if not (self._settings.revived or was_outstanding):
                await self._require_toxiproxy()
                await self._require_gates()
                self._drivers.components.load()
            self._keeper.admission.policy = _load_policy(self._settings)
            await self._serve()
        return await self._end()

    async def _require_toxiproxy(self) -> None:
        toxiproxy = self._drivers.toxiproxy
        if toxiproxy is not None and not await toxiproxy.answers():
            raise StartError(
                f"Toxiproxy at {self._settings.toxiproxy} does not answer",
                next_step="start toxiproxy-server, or correct --toxiproxy",
            )

    async def _require_gates(self) -> None:
        """Wait for them: the watchdog may have started them only a moment ago."""
        self._drivers.gates.load()
        give_up = time.monotonic() + _GATES_WITHIN_S
        while not all((answering := await self._drivers.gates.health()).values()):
            if time.monotonic() > give_up or self._folder.is_to_end():
                silent = ", ".join(name for name, answers in answering.items() if not answers)
                raise StartError(
                    f"no answer within {_GATES_WITHIN_S:g} s at the admin address of gate {silent}",
                    next_step="start it with `python -m gameday.gate --config FILE`, correct "
                    "`admin:` in its file, or name it with --keep-gate",
                )
            await asyncio.sleep(0.05)

    async def _serve(self) -> None:
        # Imported late: a restart must restore first, and these take a while. The gates' client
        # would come by itself, but then a lease might have to wait for it.
        import httpx  # noqa: F401, PLC0415 - see above
        import uvicorn  # noqa: PLC0415 - see above

        from gameday.injector.prover import Prover  # noqa: PLC0415 - see above
        from gameday.injector.server import Door, QuietServer  # noqa: PLC0415 - see above

        token = self._folder.make_token()
        prover = Prover(self._keeper.admission.policy, self._settings.policy.resolve().parent)
        door = Door(self._keeper, self._acts, self._drivers, prover, token, time.monotonic())
        listener = _listen(self._settings.port)
        config = uvicorn.Config(
            door.app(), log_level="warning", lifespan="off", timeout_graceful_shutdown=2
        )
        server = QuietServer(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        # Beside the serving: what keeps a component may take its time, and a lease must not wait.
        looking_back = asyncio.create_task(self._acts.recover())
        try:
            # Only then is the address true that we write.
            while not (server.started or serving.done()):  # noqa: ASYNC110 - uvicorn sets a flag, not an event
                await asyncio.sleep(0.01)
            await self._watch(serving)
            await self._restore_all()
        finally:
            looking_back.cancel()
            server.should_exit = True
            await serving

    async def _watch(self, serving: asyncio.Task[None]) -> None:
        """Until it is time to end: let leases run out, and keep the watchdog alive."""
        while not (self._is_to_end() or serving.done()):
            self._keeper.tick()
            self._revive_watchdog()
            with contextlib.suppress(OSError):  # a full disk: an old address is no danger
                self._folder.write_address(self._settings.url)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), _TICK_S)

    def _is_to_end(self) -> bool:
        supervisor = self._settings.supervisor
        if supervisor is not None and not supervisor.lives():
            self._ask_to_end()
        return self._ending.is_set() or self._folder.is_to_end()

    def _ask_to_end(self) -> None:
        self._ending.set()
        with contextlib.suppress(OSError):  # the watchdog may revive us; that restores as well
            self._folder.ask_to_end()

    def _revive_watchdog(self) -> None:
        if self._watchdog is not None and self._watchdog.poll() is None:
            return
        if not self._folder.is_held("watchdog"):
            self._watchdog = self._settings.start("watchdog", revived=True)

    async def _restore_all(self) -> None:
        give_up = time.monotonic() + _END_WITHIN_S
        while await self._keeper.end() and time.monotonic() < give_up:  # noqa: ASYNC110 - somebody else's process must come back; nothing here can tell
            await asyncio.sleep(RETRY_EVERY_S / 2)

    async def _end(self) -> int:
        left = [record.id for record in self._keeper.faults() if record.cleared_at is None]
        if left:
            _say(
                f"{len(left)} fault(s) could not be verified as gone: {', '.join(left)}. "
                f"The journal keeps them; start the injector again, or  gameday sweep"
            )
        self._journal.close()
        return 1 if left else 0


def _load_policy(settings: InjectorSettings) -> Policy:
    from gameday.catalog.files import load_policy  # noqa: PLC0415 - slow; a restart restores first

    return load_policy(settings.policy)


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except OSError as error:
        listener.close()
        raise StartError(
            f"port {port}, wanted for the injector, is taken",
            next_step="end the program that holds it, or choose another port",
        ) from error
    return listener


def _say(sentence: str) -> None:
    with contextlib.suppress(OSError):  # whoever read our words may be gone
        sys.stderr.write(f"gameday injector: {sentence}\n")
        sys.stderr.flush()
