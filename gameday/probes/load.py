"""Starts the load generators, keeps them going, and ends them."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from gameday.domain.errors import StartError
from gameday.domain.shift import Shift
from gameday.probes.load_spec import LoadSpec
from gameday.probes.owner import READY, go_line, shift_line
from gameday.probes.secrets import Secrets

_READY_WITHIN_S = 25.0
_BEAT_EVERY_S = 0.5
_LEAD_S = 0.2  # from the word to begin to the first request: it must reach every generator


class Load:
    """The generators of one load on this host. Whatever happens here, they end when beats stop.

    started_at: when the schedule began; there once they were told to begin.
    """

    started_at: datetime

    def __init__(self, generators: list["_Generator"]) -> None:
        self._generators = generators

    @classmethod
    async def start(cls, spec: LoadSpec, secrets: Secrets) -> "Load":
        """Start all of the load's generators, and let them begin once each is ready."""
        load = await cls.prepare(spec, secrets, range(spec.load.generators))
        load.begin(datetime.fromtimestamp(time.time() + _LEAD_S, UTC))
        return load

    @classmethod
    async def prepare(cls, spec: LoadSpec, secrets: Secrets, numbers: Iterable[int]) -> "Load":
        """Start the generators of these numbers, and wait until each is ready to begin.

        Their specs and logs lie in the run's folder; secrets go by environment alone. Raises
        StartError when one of them ends or is not ready in time; then none is left.
        """
        generators = [await _Generator.start(spec, number, secrets) for number in numbers]
        try:
            await _all_ready(generators)
        except BaseException:
            await _stop(generators, grace_s=0.0)
            raise
        return cls(generators)

    def begin(self, at: datetime) -> None:
        """Let them send from that moment on, as those of other hosts do."""
        self.started_at = at
        for generator in self._generators:
            generator.tell(go_line(at.timestamp()))

    @property
    def pids(self) -> list[int]:
        return [generator.pid for generator in self._generators]

    @property
    def over(self) -> bool:
        """Whether every generator has sent all that it had to, and ended well."""
        return all(generator.ended_well for generator in self._generators)

    def beat(self) -> None:
        """Say that somebody still watches. Raises StartError when a generator has ended."""
        for generator in self._generators:
            generator.beat()

    def shift(self, wanted: Shift, for_s: float) -> None:
        """Let them ask another mix for so long, unless they are told again; 0: the usual one."""
        for generator in self._generators:
            generator.tell(shift_line(wanted, for_s))

    async def stop(self, *, grace_s: float = 8.0) -> None:
        """Close the pipes, wait for what is in flight, insist after `grace_s`. Repeatable."""
        await _stop(self._generators, grace_s=grace_s)


class _Generator:
    """One process."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log

    @classmethod
    async def start(cls, spec: LoadSpec, number: int, secrets: Secrets) -> "_Generator":
        folder = Path(spec.run_folder)
        folder.mkdir(parents=True, exist_ok=True)
        own = spec.model_copy(update={"generator": number, "told_to_begin": True})
        spec_file = folder / f"load-{number}.json"
        spec_file.write_text(own.model_dump_json())
        log = folder / f"load-{number}.log"
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "gameday.probes",
                str(spec_file),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=output,
                env={**os.environ, **secrets.environment()},
                start_new_session=True,
            )
        return cls(process, log)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def ended_well(self) -> bool:
        return self._process.returncode == 0

    async def ready(self) -> None:
        assert self._process.stdout is not None
        if await self._process.stdout.readline() != READY:
            await self._process.wait()
            raise self._ended()

    def beat(self) -> None:
        if self._process.returncode is not None:
            raise self._ended()
        self.tell(b".")

    def tell(self, words: bytes) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(ConnectionError):  # the return code tells at the next beat
            self._process.stdin.write(words)

    async def stop(self, grace_s: float) -> None:
        if self._process.returncode is not None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), grace_s)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):  # it has just ended
                self._process.kill()
            await self._process.wait()

    def _ended(self) -> StartError:
        words = self._log.read_text(errors="replace").strip().splitlines()
        last = words[-1] if words else "it said nothing"
        return StartError(f"the load generator ended by itself: {last}")


async def _all_ready(generators: list[_Generator]) -> None:
    """Wait until each has said so. Raises StartError when one has ended, or takes too long."""
    waiting = {asyncio.create_task(generator.ready()) for generator in generators}
    give_up = time.monotonic() + _READY_WITHIN_S
    try:
        while waiting:
            done, waiting = await asyncio.wait(
                waiting, timeout=_BEAT_EVERY_S, return_when=asyncio.FIRST_EXCEPTION
            )
            for ready in done:
                ready.result()
            for generator in generators:
                generator.beat()
            if waiting and time.monotonic() > give_up:
                raise StartError(f"a load generator was not ready within {_READY_WITHIN_S:g} s")
    finally:
        for task in waiting:
            task.cancel()


async def _stop(generators: list[_Generator], *, grace_s: float) -> None:
    await asyncio.gather(*(generator.stop(grace_s) for generator in generators))
