"""Starts the load generator, keeps it going, and ends it."""

import asyncio
import contextlib
import os
import sys
from pathlib import Path

from gameday.domain.errors import StartError
from gameday.probes.load_spec import LoadSpec
from gameday.probes.secrets import Secrets


class Load:
    """One running generator. It ends by itself when the beats stop, whatever happens here."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log

    @classmethod
    async def start(cls, spec: LoadSpec, secrets: Secrets) -> "Load":
        """Start it; spec and log lie in the run's folder, secrets go by environment alone."""
        folder = Path(spec.run_folder)
        folder.mkdir(parents=True, exist_ok=True)
        spec_file = folder / "load.json"
        spec_file.write_text(spec.model_dump_json())
        log = folder / "load.log"
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "gameday.probes",
                str(spec_file),
                stdin=asyncio.subprocess.PIPE,
                stdout=output,
                stderr=output,
                env={**os.environ, **secrets.environment()},
                start_new_session=True,
            )
        return cls(process, log)

    @property
    def pid(self) -> int:
        return self._process.pid

    def beat(self) -> None:
        """Say that somebody still watches. Raises StartError when the generator has ended."""
        if self._process.returncode is not None:
            words = self._log.read_text(errors="replace").strip().splitlines()
            last = words[-1] if words else "it said nothing"
            raise StartError(f"the load generator ended by itself: {last}")
        assert self._process.stdin is not None
        with contextlib.suppress(ConnectionError):  # the return code tells at the next beat
            self._process.stdin.write(b".")

    async def stop(self, *, grace_s: float = 8.0) -> None:
        """Close the pipe, wait for what is in flight, insist after `grace_s`. Repeatable."""
        if self._process.returncode is not None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), grace_s)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
