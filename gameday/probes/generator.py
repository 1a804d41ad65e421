"""The load generator, a process of its own: `python -m gameday.probes SPEC`.

It sends on a schedule that is fixed in advance, and writes one line a request. Its own dead-man's
switch: whoever started it writes a byte to its standard input now and then; when the bytes stop,
or the pipe closes, it stops sending. So no drill's traffic outlives the drill.
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from gameday.catalog.suite_files import load_suite, rated, rated_alone
from gameday.domain.drill import HangUp
from gameday.domain.record import Event
from gameday.domain.sample import Outcome, Sample
from gameday.domain.suite import Case, ScorerSpec
from gameday.domain.synthetic import Synthetic
from gameday.domain.target import FrontDoor, Price
from gameday.domain.value import Value
from gameday.probes.front_door import Caller, Due, FrontDoorClient, Question
from gameday.probes.schedule import chosen, due_times, shuffled_rounds
from gameday.store.run_folder import RunFolder
from gameday.store.samples import SampleWriter

BEAT_S_MAX = 10.0
_IN_FLIGHT_MAX = 400  # beyond it the client itself would slow down and lie about latency
_DRAIN_S = 5.0


class LoadSpec(Value):
    """What to send, to whom, and for how long at the most. The secret comes by environment."""

    url: str
    run_id: str = ""  # whose mark the requests carry
    front_door: FrontDoor
    synthetic: Synthetic = Synthetic()  # carried by every request
    suite_file: str
    prices: dict[str, Price]
    rate_per_s: float
    stream: bool
    hang_up: HangUp | None = None
    seals: dict[str, ScorerSpec] = {}  # scored on every good answer beside the suite
    requests_max: int
    seed: int
    run_folder: str


class Generator:
    """Sends the schedule of one spec."""

    def __init__(self, spec: LoadSpec, *, key: str | None) -> None:
        self._spec = spec
        self._client = FrontDoorClient(
            spec.url,
            spec.front_door,
            caller=Caller(spec.run_id, key, spec.synthetic),
            stream=spec.stream,
            prices=spec.prices,
        )
        self._folder = RunFolder(spec.run_folder)
        self._writer = SampleWriter(self._folder.samples_file)
        self._sent = self._unsent = 0
        self._in_flight: set[asyncio.Task[None]] = set()
        cases = load_suite(Path(spec.suite_file)).cases
        self._questions = [_question(case, spec.seals) for case in cases]

    async def run(self, stopped: asyncio.Event) -> None:
        """Send until the schedule or its owner ends; then let what is in flight finish."""
        self._note(0, "load_started", rate_per_s=self._spec.rate_per_s, cases=len(self._questions))
        rounds = shuffled_rounds(self._questions, self._spec.seed)
        for due in self._schedule(time.monotonic() + 0.1):
            if await _stopped_before(stopped, due.at):
                break
            question = next(rounds)
            if len(self._in_flight) >= _IN_FLIGHT_MAX:
                self._writer.write(_unsent(question, due))
                self._unsent += 1
                continue
            self._sent += 1
            task = asyncio.create_task(self._send(question, due))
            self._in_flight.add(task)
            task.add_done_callback(self._in_flight.discard)
        await self._drain()
        self._note(1, "load_ended", sent=self._sent, unsent=self._unsent)

    def _schedule(self, started_at: float) -> Iterator[Due]:
        spec, impatience = self._spec, self._spec.hang_up
        leaves = chosen(impatience.share if impatience else 0.0, spec.seed)
        times = due_times(started_at, spec.rate_per_s, spec.requests_max)
        for seq, (at, is_impatient) in enumerate(zip(times, leaves, strict=False)):
            yield Due(seq, at, impatience.after if impatience and is_impatient else None)

    def _note(self, seq: int, what: str, **facts: float) -> None:
        """Write into the probes' own segment of the journal."""
        event = Event(author="probes", seq=seq, at=datetime.now(UTC), what=what, facts=facts)
        self._folder.write_events("probes", [event])

    async def _send(self, question: Question, due: Due) -> None:
        self._writer.write(await self._client.ask(question, due))

    async def _drain(self) -> None:
        if self._in_flight:
            _, late = await asyncio.wait(self._in_flight, timeout=_DRAIN_S)
            for task in late:
                task.cancel()
        await self._client.aclose()
        self._writer.close()


async def _stopped_before(stopped: asyncio.Event, at: float) -> bool:
    """Wait until `at`; True when the owner ended the load before."""
    try:
        await asyncio.wait_for(stopped.wait(), max(0.0, at - time.monotonic()))
    except TimeoutError:
        return False
    return True


def _question(case: Case, seals: Mapping[str, ScorerSpec]) -> Question:
    sealed = tuple(rated_alone(name, spec) for name, spec in seals.items())
    return Question(case.case, case.asked[-1], rated(case), sealed)


def _unsent(question: Question, due: Due) -> Sample:
    now = datetime.now(UTC)
    lag_ms = (time.monotonic() - due.at) * 1000
    return Sample(
        seq=due.seq,
        case=question.case,
        intended_at=now,
        finished_at=now,
        send_lag_ms=lag_ms,
        latency_ms=lag_ms,
        outcome=Outcome.UNSENT,
        detail=f"{_IN_FLIGHT_MAX} requests were already in flight",
    )


async def _watch_owner(stopped: asyncio.Event) -> None:
    """Set `stopped` when the beats on standard input stop."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while True:
        try:
            beat = await asyncio.wait_for(reader.read(64), BEAT_S_MAX)
        except TimeoutError:
            break
        if not beat:
            break
    stopped.set()


async def _generate(spec: LoadSpec) -> None:
    stopped = asyncio.Event()
    owner = asyncio.create_task(_watch_owner(stopped))
    generator = Generator(spec, key=os.environ.pop("GAMEDAY_FRONT_DOOR_KEY", None))
    await generator.run(stopped)
    owner.cancel()


def main() -> None:
    spec = LoadSpec.model_validate_json(Path(sys.argv[1]).read_text())
    asyncio.run(_generate(spec))
