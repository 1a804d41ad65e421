"""An injector that tells of gates what a test wants it to tell."""

from datetime import UTC, datetime

from gameday.domain.errors import InjectorRefusedError, InjectorUnreachableError
from gameday.domain.gate import Call, Traffic, WatchState


def unreachable():
    return InjectorUnreachableError("the injector did not answer")


def not_watched():
    return InjectorRefusedError("run RUN1 is not watched everywhere")


class GateStandIn:
    """Counts by listener; `failures` are raised first, one a call."""

    def __init__(self, traffic=None, calls=(), failures=()):
        self.traffic = traffic or {}
        self.logged = list(calls)
        self.failures = list(failures)
        self.asked = []

    def _ask(self, what):
        self.asked.append(what)
        if self.failures and (error := self.failures.pop(0)) is not None:
            raise error

    async def watch(self, run_id, marker):
        self._ask("watch")
        return self._state(run_id)

    async def watched(self, run_id):
        self._ask("watched")
        return self._state(run_id)

    async def calls(self, run_id):
        self._ask("calls")
        return list(self.logged)

    async def unwatch(self, run_id):
        self._ask("unwatch")

    def _state(self, run_id):
        return WatchState(run_id=run_id, traffic=dict(self.traffic), calls=len(self.logged))


def call(listener, request_id="gd-1", run_id="RUN1"):
    return Call(
        provider=listener, request_id=request_id, run_id=run_id, started_at=datetime.now(UTC)
    )


def unmarked(calls, bad=0):
    return Traffic(unmarked=calls, unmarked_bad=bad, unmarked_ms=calls * 100.0)
