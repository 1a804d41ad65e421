"""Sends one whole load and gives back what came of it: for a recorded reference."""

import asyncio
import tempfile
import time
from collections.abc import Callable

from gameday.domain.errors import StartError
from gameday.domain.samples import Samples
from gameday.probes.load import Load
from gameday.probes.load_spec import LoadSpec
from gameday.probes.secrets import Secrets
from gameday.store.run_folder import RunFolder

_LOOK_EVERY_S = 0.2
_SLOW = 3.0  # so many times the planned time is waited for, and a minute more


async def ask_all(spec: LoadSpec, secrets: Secrets, said: Callable[[int], None]) -> Samples:
    """Send the load of `spec`, which names no run folder, and wait until it ends by itself.

    said: told now and then how many requests have ended. Raises StartError when it takes too long.
    """
    give_up = time.monotonic() + 60 + _SLOW * spec.requests_max / spec.load.rate
    with tempfile.TemporaryDirectory(prefix="gameday-asking-") as name:
        folder = RunFolder(name)
        load = await Load.start(spec.model_copy(update={"run_folder": name}), secrets)
        tail, ended = folder.follow_samples(), 0
        try:
            while not load.over:
                load.beat()
                ended += len(tail.read())
                said(ended)
                if time.monotonic() > give_up:
                    raise StartError(
                        f"only {ended} of {spec.requests_max} requests have ended; nothing was kept"
                    )
                await asyncio.sleep(_LOOK_EVERY_S)
        finally:
            await load.stop()
        # Whole ones: those of a folder read their fields from it when they are asked for.
        return Samples.of([sample.changed() for sample in folder.read_samples()])
