"""Serves one part of the lab on loopback until it is told to end or its parent is gone."""

import os
import signal

import uvicorn
from starlette.applications import Starlette

from gameday.supervisor.child import leave_with_parent
from gameday.supervisor.ports import LOOPBACK


class _Server(uvicorn.Server):
    """Ends at once: nothing of the lab outlives its process, so there is nothing to wait for."""

    def handle_exit(self, sig: int, frame: object) -> None:
        _ = sig, frame
        os._exit(0)


def serve(app: Starlette, port: int) -> None:
    leave_with_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    config = uvicorn.Config(
        app,
        host=LOOPBACK,
        port=port,
        log_level="warning",
        access_log=False,
        # Longer than any client here keeps a connection, so that the client is who closes it.
        timeout_keep_alive=75,
        lifespan="on",
    )
    _Server(config).run()
