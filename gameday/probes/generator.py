"""The load generator, a process of its own: `python -m gameday.probes SPEC`.

It sends on a schedule that is fixed in advance, and records every slot of it. Its own dead-man's
switch: whoever started it writes a byte to its standard input now and then; when the bytes stop,
or the pipe closes, it stops sending. So no drill's traffic outlives the drill.
"""

import asyncio
import gc
import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import uvloop
from msgspec import Struct

from gameday.domain.errors import GamedayError
from gameday.domain.record import Event
from gameday.domain.sample import Group, Outcome, Sample, Values, values_of
from gameday.domain.scorer import Models
from gameday.domain.tally import LOAD_ENDED, Tally
from gameday.probes.caller import Caller
from gameday.probes.exchange import Due, Exchange, Talk
from gameday.probes.front_door import FrontDoorClient
from gameday.probes.load_spec import LoadSpec
from gameday.probes.mix import Inputs
from gameday.probes.owner import Owner
from gameday.probes.pacer import Pacer
from gameday.probes.pauses import Pauses
from gameday.probes.pulse import Pulse
from gameday.probes.questions import Question, load_questions
from gameday.probes.recorder import Recorder
from gameday.probes.sampling import Sampling
from gameday.probes.schedule import arrivals, chosen, users_in_turn
from gameday.probes.secrets import Secrets
from gameday.probes.slow_scoring import SlowScoring
from gameday.store.redaction import Redactor
from gameday.store.run_folder import RunFolder
from gameday.store.samples import SampleWriter
from gameday.store.vitals import VitalsWriter

_IN_FLIGHT_MAX = 20_000
_SPARE_DESCRIPTORS = 64
_HAIR = 1e-9  # what many small shares may be short of one
_DRAIN_S = 5.0
_LEAD_S = 0.1  # to the first request, where nobody says when to begin


class Slot(Struct, frozen=True):
    """One request of the schedule."""

    at: float  # time.monotonic()
    due: Due
    question: Question


class Generator:
    """Sends the schedule of one spec. Needs a running event loop."""

    def __init__(self, spec: LoadSpec, secrets: Secrets) -> None:
        self._spec = spec
        talks = spec.load.conversations
        self._pause_s = talks.pause if talks else 0.0
        self._pauses = Pauses()
        self._questions = load_questions(
            spec.suite_file,
            spec.seals,
            spec.sketch_pieces,
            frozenset(spec.cases),
            talks.turns - 1 if talks else 0,
        )
        self.inputs = Inputs(self._questions, spec.seed)
        self._clients: dict[Group, FrontDoorClient] = {
            "experiment": _client(spec, secrets, "experiment")
        }
        if spec.load.control_share:
            self._clients["control"] = _client(spec, secrets, "control")
        self._folder = RunFolder(spec.run_folder)
        self._writer = SampleWriter(self._folder.samples_file(spec.generator), spec.evidence)
        self._in_flight_max = min(_IN_FLIGHT_MAX, _descriptors() - _SPARE_DESCRIPTORS)
        self._tally = Tally()
        vitals = VitalsWriter(self._folder.vitals_file(spec.generator))
        self._pulse = Pulse(vitals, spec.generator, self._waiting)
        self._under_way = 0
        self._recorder = Recorder(self._score, self._send_due)
        self._slow = SlowScoring(spec.suite_file, self._values, self._record)
        self._all_in = asyncio.Event()

    async def open(self) -> None:
        """Everything that must be done before the first request. Raises RefusedError."""
        for client in self._clients.values():
            await client.open()
        _settle_memory()

    async def run(self, begins_at: float, stopped: asyncio.Event) -> None:
        """Send until the schedule or its owner ends; then let what is in flight finish.

        begins_at: time.monotonic() from which the schedule counts.
        """
        rate = self._spec.load.rate
        facts = {"rate_per_s": rate, "cases": len(self._questions), **self._slow.facts()}
        self._note(0, "load_started", **facts)
        self._pulse.start()
        pacer = Pacer(self._schedule(begins_at), self._send)
        self._pacer = pacer
        pacer.start()
        waits = [asyncio.create_task(event.wait()) for event in (stopped, pacer.ended)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        pacer.stop()
        self._tally.not_asked += self._pauses.end()
        await self._drain()
        self._pulse.stop()
        self._note(1, "load_ended", **self._tally.facts())

    def _waiting(self) -> tuple[int, int]:
        return self._under_way, len(self._recorder)

    def _schedule(self, started_at: float) -> Iterator[Slot]:
        """This generator's share: of n of them, each sends every n-th conversation."""
        mine = self._conversations(started_at)
        return islice(mine, self._spec.generator, None, self._spec.load.generators)

    def _conversations(self, started_at: float) -> Iterator[Slot]:
        spec, impatience = self._spec, self._spec.load.hang_up
        leaves = chosen(impatience.share if impatience else 0.0, spec.seed)
        users = users_in_turn(spec.load.user_names, spec.seed)
        spared = users_in_turn(spec.control_users, spec.seed)
        times = enumerate(islice(arrivals(spec.load, spec.seed), spec.requests_max))
        control_share, control_due = spec.load.control_share, 0.0
        each = zip(times, leaves, self.inputs, users, strict=False)
        for (seq, at_s), leave, question, user in each:
            at = started_at + at_s
            after_s = impatience.after if impatience and leave else None
            yield Slot(at, Due(seq, at, after_s, user=user), question)
            control_due += control_share
            if control_due >= 1 - _HAIR:
                control_due -= 1
                # Its number is beyond all others.
                twin = Due(spec.requests_max + seq, at, after_s, "control", next(spared))
                yield Slot(at, twin, question)
            # A conversation takes one place for each turn, so that the rate is that of requests.
            for _ in question.then:
                next(times, None)

    def _send(self, slot: Slot) -> None:
        if self._under_way >= self._in_flight_max:
            self._record(values_of(_unsent(slot, self._in_flight_max)))
        else:
            self._under_way += 1
            self._clients[slot.due.group].send(slot.question, slot.due, self._finish)

    def _send_due(self) -> None:
        self._pacer.send_due()

    def _values(self, exchange: Exchange, models: Models | None = None) -> Values:
        return self._clients[exchange.due.group].values(exchange, models)

    def _finish(self, exchange: Exchange) -> None:
        """Keep an ended exchange for a quiet moment: scoring it must not hold up a request."""
        if exchange.question.then:
            self._go_on(exchange)
        self._recorder.take(exchange)
        self._under_way -= 1
        if not self._under_way:
            self._all_in.set()

    def _go_on(self, exchange: Exchange) -> None:
        """Ask the next turn of a conversation, when its answer has come and was read."""
        turns_left = exchange.question.turns - 1 - exchange.talk.turn
        if not turns_left:
            return
        if self._pacer.stopped or exchange.outcome()[0] is not Outcome.OK:
            self._tally.not_asked += turns_left
            return
        assert exchange.finished_at is not None
        due = Due(
            exchange.due.seq + 1,
            exchange.finished_at + self._pause_s,
            group=exchange.due.group,
            user=exchange.due.user,
        )
        ask = partial(self._ask, exchange.question, due, exchange.go_on())
        if self._pause_s:
            self._pauses.then(due.at, turns_left, ask)
        else:
            ask()

    def _ask(self, question: Question, due: Due, talk: Talk) -> None:
        self._under_way += 1
        self._clients[due.group].send(question, due, self._finish, talk)

    def _score(self, exchange: Exchange) -> None:
        if not self._slow.take(exchange):
            self._record(self._values(exchange))

    def _record(self, values: Values) -> None:
        self._tally.take(values)
        self._writer.put(values)

    async def _drain(self) -> None:
        """Wait for what is in flight, then hang up on what is late; all of it is recorded."""
        self._all_in.clear()
        if self._under_way:
            try:
                await asyncio.wait_for(self._all_in.wait(), _DRAIN_S)
            except TimeoutError:
                for client in self._clients.values():
                    client.leave_all(LOAD_ENDED)
        self._recorder.finish()
        await self._slow.finish()
        for client in self._clients.values():
            await client.aclose()
        self._writer.close()

    def _note(self, seq: int, what: str, **facts: Any) -> None:
        """Write into the probes' own segment of the journal."""
        number = self._spec.generator
        event = Event(
            author="probes",
            seq=2 * number + seq,
            at=datetime.now(UTC),
            what=what,
            facts={"generator": number, **facts},
        )
        self._folder.write_events("probes", [event])


def _client(spec: LoadSpec, secrets: Secrets, group: Group) -> FrontDoorClient:
    """The control group's requests carry no mark, so that no fault touches them."""
    marked_by = spec.run_id if group == "experiment" else ""
    return FrontDoorClient(
        spec.url,
        spec.front_door,
        caller=Caller(marked_by, secrets.key_of(group), spec.synthetic, secrets.login),
        stream=spec.load.stream,
        sampling=Sampling(
            spec.front_door, spec.prices, spec.generator, Redactor(spec.evidence.redact)
        ),
    )


def _unsent(slot: Slot, in_flight: int) -> Sample:
    now = datetime.now(UTC)
    lag_ms = (time.monotonic() - slot.at) * 1000
    return Sample(
        seq=slot.due.seq,
        case=slot.question.case,
        case_group=slot.question.group,
        group=slot.due.group,
        intended_at=now,
        finished_at=now,
        send_lag_ms=lag_ms,
        latency_ms=lag_ms,
        outcome=Outcome.UNSENT,
        detail=f"{in_flight} requests were already in flight",
    )


def _descriptors() -> int:
    """How many files and connections may be open, raised as far as the host lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _IN_FLIGHT_MAX + _SPARE_DESCRIPTORS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else soft


def _settle_memory() -> None:
    """What is there now stays; collections, which hold up requests, need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


async def _generate(spec: LoadSpec) -> None:
    owner = Owner()
    mishap = Mishap(owner.gone)
    asyncio.get_running_loop().set_exception_handler(mishap.take)
    generator = Generator(spec, Secrets.from_environment())
    owner.on_shift = generator.inputs.shift
    await generator.open()
    begins_at = await owner.begin() if spec.told_to_begin else time.monotonic() + _LEAD_S
    if begins_at is not None:
        await generator.run(begins_at, owner.gone)
    owner.leave()
    if mishap.error is not None:
        raise mishap.error


class Mishap:
    """Ends the load at the first mistake of its own, which would otherwise only be logged.

    A generator that goes on without recording would make a quiet system of a broken one.
    """

    def __init__(self, stopped: asyncio.Event) -> None:
        self._stopped = stopped
        self.error: BaseException | None = None

    def take(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if error is None or ("transport" in context and isinstance(error, OSError)):
            loop.default_exception_handler(context)  # a connection's end: its exchange is told
        else:
            self.error = self.error or error
            self._stopped.set()


def main() -> None:
    spec = LoadSpec.model_validate_json(Path(sys.argv[1]).read_text())
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_generate(spec))
    except GamedayError as error:
        sys.exit(error.sentence)
