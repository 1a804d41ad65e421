"""The load generator as a real process: its schedule, its records, and its dead-man's switch."""

import asyncio
import itertools
import json
import os
import signal
import threading
import time
from collections import Counter, defaultdict
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

import pytest

from gameday.domain.drill import Conversations, HangUp, Load
from gameday.domain.errors import StartError
from gameday.domain.front_door import FrontDoor, Marker
from gameday.domain.price import Price
from gameday.domain.sample import Outcome
from gameday.domain.shift import Shift
from gameday.domain.suite import ScorerSpec
from gameday.domain.validity import find_validity_between
from gameday.domain.vitals import cpu_share
from gameday.probes.load import Load as RunningLoad
from gameday.probes.load_spec import LoadSpec
from gameday.probes.owner import BEAT_S_MAX
from gameday.probes.schedule import chosen
from gameday.probes.secrets import Secrets
from gameday.store.run_folder import RunFolder

RATE_PER_S = 20.0
ANSWER = {
    "model": "m-1",
    "choices": [{"message": {"content": "After 30 days."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 100, "completion_tokens": 10},
}
SUITE = """
suite: small
cases:
  - case: right
    group: time
    question: "How long?"
    scorers: [{kind: contains, any: ["30 days"]}]
  - case: wrong
    group: money
    question: "How much?"
    scorers: [{kind: contains, any: ["5 euros"]}]
"""


class Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    unmarked: ClassVar[set[str]] = set()  # ids of requests
    asked_with: ClassVar[defaultdict[str, set[str]]] = defaultdict(set)  # ids of requests, by key

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        mark, request_id = self.headers["x-gameday"], self.headers["x-request-id"]
        if mark is None:
            self.unmarked.add(request_id)
        assert mark in {None, f"RUN1.{request_id}"}
        assert body["messages"][-1]["content"] in ("How long?", "How much?")
        self.asked_with[self.headers["authorization"].removeprefix("Bearer ")].add(request_id)
        time.sleep(0.02)  # longer than an impatient client waits
        answer = json.dumps(ANSWER).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.send_header("x-served-by", "primary")
        self.send_header("x-attempts", "primary;outcome=ok;ms=1")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def spec(tmp_path):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (tmp_path / "suite.yaml").write_text(SUITE)
    Door.unmarked.clear()
    Door.asked_with.clear()
    yield LoadSpec(
        url=f"http://127.0.0.1:{server.server_port}/v1",
        run_id="RUN1",
        front_door=FrontDoor(marker=Marker(header="x-gameday")),
        suite_file=str(tmp_path / "suite.yaml"),
        prices={"m-1": Price(input_usd_per_mtok=1.0, output_usd_per_mtok=10.0)},
        load=Load(rate=f"{RATE_PER_S:g}/s", suite="small", stream=False),
        requests_max=10_000,
        seed=1,
        run_folder=str(tmp_path / "run"),
    )
    server.shutdown()
    server.server_close()


async def beats_until(load, folder, requests):
    for _ in range(400):
        load.beat()
        if len(folder.read_samples()) >= requests:
            return
        await asyncio.sleep(0.05)
    pytest.fail("the load does not get there")


async def beat_for(load, *, seconds):
    for _ in range(seconds * 20):
        load.beat()
        await asyncio.sleep(0.05)


async def test_a_control_group_is_asked_the_same_at_the_same_moments_without_a_mark(spec):
    beside = spec.model_copy(update={"load": spec.load.model_copy(update={"control": 10.0})})
    load = await RunningLoad.start(beside, Secrets(key="s3cret"))
    folder = RunFolder(spec.run_folder)
    await beats_until(load, folder, 60)
    await load.stop()
    samples = folder.read_samples()
    control = samples - samples.experiment
    assert {sample.request_id for sample in control} == Door.unmarked
    assert 0.4 < len(control) / len(samples.experiment) <= 0.5
    twins = {sample.seq: sample for sample in samples.experiment}
    for sample in control:
        twin = twins[sample.seq - spec.requests_max]
        assert sample.case == twin.case
        assert abs((sample.intended_at - twin.intended_at).total_seconds()) < 0.01


async def test_the_control_group_asks_as_the_users_that_it_is_told(spec):
    load = spec.load.model_copy(update={"control": RATE_PER_S, "users": 4})
    beside = {"load": load, "control_users": ("user-2", "user-4")}
    running = await RunningLoad.start(spec.model_copy(update=beside), Secrets(key="s3cret"))
    folder = RunFolder(spec.run_folder)
    await beats_until(running, folder, 40)
    await running.stop()
    samples = folder.read_samples()
    asked = Counter((sample.group, sample.user) for sample in samples)
    assert {user for group, user in asked if group == "experiment"} == set(load.user_names)
    assert {user for group, user in asked if group == "control"} == {"user-2", "user-4"}
    assert abs(asked["control", "user-2"] - asked["control", "user-4"]) <= 1


async def test_where_the_mark_is_a_key_the_control_group_asks_with_the_usual_one(spec):
    by_key = {
        "front_door": FrontDoor(key="env:USUAL", marker=Marker(key="env:OURS")),
        "load": spec.load.model_copy(update={"control": RATE_PER_S}),
    }
    load = await RunningLoad.start(
        spec.model_copy(update=by_key), Secrets(key="ours", control="usual")
    )
    folder = RunFolder(spec.run_folder)
    await beats_until(load, folder, 20)
    await load.stop()
    samples = folder.read_samples()
    for key, group in (("ours", "experiment"), ("usual", "control")):
        of_group = {sample.request_id for sample in samples if sample.group == group}
        assert of_group == Door.asked_with[key] != set()


async def test_users_ask_in_turn_and_each_asks_everything(spec):
    users = spec.model_copy(update={"load": spec.load.model_copy(update={"users": 3})})
    load = await RunningLoad.start(users, Secrets(key="s3cret"))
    folder = RunFolder(spec.run_folder)
    await beats_until(load, folder, 40)
    await load.stop()
    asked = Counter((sample.user, sample.case) for sample in folder.read_samples())
    assert {user for user, _ in asked} == {"user-1", "user-2", "user-3"}
    assert len(asked) == 6


async def test_another_mix_is_asked_for_as_long_as_it_is_told_and_then_the_usual_one(spec):
    load = await RunningLoad.start(spec, Secrets(key="s3cret"))
    folder = RunFolder(spec.run_folder)
    await beats_until(load, folder, 20)
    usual = len(folder.read_samples())
    load.shift(Shift(groups={"money": 1}), 600.0)
    load.shift(Shift(groups={"money": 1}), 1.5)  # the last word counts
    await beats_until(load, folder, usual + 70)
    await load.stop()
    asked = [one.case for one in sorted(folder.read_samples(), key=lambda one: one.seq)]
    runs = [(case, len(list(same))) for case, same in itertools.groupby(asked)]
    assert max(length for case, length in runs if case == "right") <= 2
    assert max(length for case, length in runs if case == "wrong") > 10
    assert Counter(asked[:20]) == Counter(asked[-20:]) == {"right": 10, "wrong": 10}


async def test_every_request_is_recorded_with_what_the_client_saw(spec):
    load = await RunningLoad.start(spec, Secrets(key="s3cret"))
    folder = RunFolder(spec.run_folder)
    await beats_until(load, folder, 40)
    await load.stop()
    samples = folder.read_samples()
    assert [sample.seq for sample in sorted(samples, key=lambda s: s.seq)] == list(
        range(len(samples))
    )
    assert {sample.outcome for sample in samples} == {Outcome.OK}
    assert not Door.unmarked
    assert Door.asked_with.keys() == {"s3cret"}
    assert {(sample.case, sample.quality) for sample in samples} == {("right", 1.0), ("wrong", 0.0)}
    assert samples[0].cost_usd == pytest.approx(0.0002)
    assert {sample.served_by for sample in samples} == {"primary"}
    intended = sorted(sample.intended_at for sample in samples)
    seconds = (intended[-1] - intended[0]).total_seconds()
    assert seconds == pytest.approx((len(samples) - 1) / RATE_PER_S, abs=0.05)
    started, ended = folder.read_events("probes")
    assert (started.what, ended.what) == ("load_started", "load_ended")
    facts = ended.facts
    assert facts["scheduled"] == facts["sent"] == facts["answered"] == len(samples)
    assert facts["unsent"] == facts["failed"] == facts["left"] == 0


async def test_a_share_of_the_clients_hangs_up_and_answers_are_sealed(spec):
    sealed = ScorerSpec(kind="contains", settings={"any": ["30 days"]})
    impatient = HangUp(after="1ms", share=0.3)
    load = await RunningLoad.start(
        spec.model_copy(
            update={
                "load": spec.load.model_copy(update={"hang_up": impatient}),
                "seals": {"whole": sealed},
            }
        ),
        Secrets(key="s3cret"),
    )
    folder = RunFolder(spec.run_folder)
    await beats_until(load, folder, 40)
    await load.stop()
    samples = sorted(folder.read_samples(), key=lambda sample: sample.seq)
    leaves = [leave for leave, _ in zip(chosen(0.3, spec.seed), samples, strict=False)]
    left = [sample.outcome is Outcome.LEFT for sample in samples]
    assert left == leaves
    assert {tuple(s.seals.items()) for s in samples if s.good} == {(("whole", 1.0),)}


async def test_the_key_is_in_no_file(spec):
    load = await RunningLoad.start(spec, Secrets(key="s3cret"))
    await beats_until(load, RunFolder(spec.run_folder), 1)
    await load.stop()
    for path in RunFolder(spec.run_folder).path.rglob("*"):
        assert path.is_dir() or b"s3cret" not in path.read_bytes()


async def test_without_beats_it_stops_by_itself(spec):
    load = await RunningLoad.start(spec, Secrets(key="s3cret"))
    folder = RunFolder(spec.run_folder)
    await beats_until(load, folder, 1)
    await asyncio.sleep(BEAT_S_MAX + 2)
    with pytest.raises(StartError, match="ended by itself"):
        await beat_for(load, seconds=10)
    sent = len(folder.read_samples())
    await asyncio.sleep(0.5)
    assert len(folder.read_samples()) == sent


async def test_a_suite_that_is_not_there_is_said(spec):
    wrong = spec.model_copy(update={"suite_file": "/nowhere.yaml", "load": shared(spec, 2)})
    with pytest.raises(StartError, match=r"ended by itself: .*nowhere\.yaml"):
        await RunningLoad.start(wrong, Secrets(key="s3cret"))


def shared(spec, generators):
    return spec.load.model_copy(update={"generators": generators})


async def test_several_generators_send_one_schedule_together(spec):
    load = await RunningLoad.start(
        spec.model_copy(update={"load": shared(spec, 3)}), Secrets(key="s3cret")
    )
    folder = RunFolder(spec.run_folder)
    await beats_until(load, folder, 40)
    await load.stop()
    samples = sorted(folder.read_samples(), key=lambda sample: sample.seq)
    assert {sample.outcome for sample in samples} == {Outcome.OK}
    assert all(sample.generator == sample.seq % 3 for sample in samples)
    # All of them, but for the last round, in which one may have been stopped before another.
    whole = samples[:-3]
    assert [sample.seq for sample in whole] == list(range(len(whole)))
    for one, next_one in pairwise(whole):
        gap_s = (next_one.intended_at - one.intended_at).total_seconds()
        assert gap_s == pytest.approx(1 / RATE_PER_S, abs=0.01)
    assert abs((samples[0].intended_at - load.started_at).total_seconds()) < 0.01
    asked = Counter(sample.case for sample in whole)
    assert abs(asked["right"] - asked["wrong"]) <= 1, "together they ask each case equally often"
    events = folder.read_events("probes")
    assert [event.what for event in events] == ["load_started", "load_ended"] * 3
    assert sum(event.facts.get("answered", 0) for event in events) == len(samples)
    assert {vital.generator for vital in folder.read_vitals()} == {0, 1, 2}


async def test_a_generator_that_stood_still_sends_what_it_owes_and_says_how_late(spec):
    load = await RunningLoad.start(spec, Secrets(key="s3cret"))
    folder = RunFolder(spec.run_folder)
    await beats_until(load, folder, 10)
    [pid] = load.pids
    os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(1.5)
    os.kill(pid, signal.SIGCONT)
    await beats_until(load, folder, 60)
    await load.stop()
    samples = sorted(folder.read_samples(), key=lambda sample: sample.seq)
    assert [sample.seq for sample in samples] == list(range(len(samples)))
    intended = [sample.intended_at for sample in samples]
    gaps_s = [(b - a).total_seconds() for a, b in pairwise(intended)]
    assert gaps_s == pytest.approx([1 / RATE_PER_S] * len(gaps_s), abs=0.02), "nothing is skipped"
    late = [sample for sample in samples if sample.send_lag_ms > 10]
    assert max(sample.send_lag_ms for sample in late) > 1300
    assert len(late) >= 1.3 * RATE_PER_S
    assert all(sample.latency_ms >= sample.send_lag_ms for sample in samples)
    *_, ended = folder.read_events("probes")
    assert ended.facts["late"] == len(late)
    assert ended.facts["scheduled"] == ended.facts["answered"] == len(samples)
    vitals = folder.read_vitals()
    assert max(vital.seconds for vital in vitals) > 1.3
    stretch = (samples[0].intended_at, samples[-1].intended_at)
    assert 0 < cpu_share(vitals, *stretch) < 1
    found = find_validity_between(samples, vitals, stretch, 1000.0)
    assert found.generator_bound
    assert found.reason.startswith("the load generator was late: p99 of its send lag is 1,")


CONVERSATION = """
suite: small
cases:
  - case: talk
    turns: ["How long?", "How much?", "How long?"]
    feature: returns
    tenant: shop
    scorers: [{kind: contains, any: ["30 days"]}]
"""


async def test_a_conversation_is_asked_turn_by_turn_at_the_rate_of_requests(spec):
    Path(spec.suite_file).write_text(CONVERSATION)
    load = await RunningLoad.start(spec, Secrets(key="s3cret"))
    folder = RunFolder(spec.run_folder)
    await beats_until(load, folder, 40)
    await load.stop()
    samples = sorted(folder.read_samples(), key=lambda sample: sample.seq)
    firsts = [sample for sample in samples if sample.turn == 0]
    assert [sample.seq for sample in firsts] == list(range(0, 3 * len(firsts), 3))
    by_seq = {sample.seq: sample for sample in samples}
    for first in firsts[:-1]:
        then, last = by_seq[first.seq + 1], by_seq[first.seq + 2]
        assert (then.turn, last.turn) == (1, 2)
        assert abs((then.intended_at - first.finished_at).total_seconds()) < 0.005
        assert last.intended_at > then.intended_at
        assert (first.quality, then.quality, last.quality) == (None, None, 1.0)
        assert (first.turns_left, then.turns_left, last.turns_left) == (2, 1, 0)
    assert {(sample.feature, sample.tenant) for sample in samples} == {("returns", "shop")}
    seconds = (firsts[-1].intended_at - firsts[0].intended_at).total_seconds()
    assert seconds == pytest.approx((len(firsts) - 1) * 3 / RATE_PER_S, abs=0.1)
    *_, ended = folder.read_events("probes")
    facts = ended.facts
    assert facts["scheduled"] == facts["sent"] + facts["unsent"] + facts["not_asked"]


async def test_cases_are_asked_in_conversations_with_pauses_and_the_last_is_scored(spec):
    talks = Conversations(turns=2, pause="300ms")
    load_spec = spec.load.model_copy(update={"conversations": talks})
    load = await RunningLoad.start(
        spec.model_copy(update={"load": load_spec}), Secrets(key="s3cret")
    )
    folder = RunFolder(spec.run_folder)
    await beats_until(load, folder, 60)
    await load.stop()
    samples = folder.read_samples()
    by_seq = {sample.seq: sample for sample in samples}
    lasts = [sample for sample in samples if sample.turn == 1]
    assert lasts
    for last in lasts:
        first = by_seq[last.seq - 1]
        assert (first.turn, first.turns_left, last.turns_left) == (0, 1, 0)
        assert (first.talk_ms, first.quality) == (None, None)
        assert last.quality is not None
        began_at = last.intended_at - timedelta(milliseconds=last.talk_ms)
        assert abs((began_at - first.intended_at).total_seconds()) < 0.005
        assert (last.intended_at - first.finished_at).total_seconds() == pytest.approx(
            0.3, abs=0.01
        )
    assert {last.case for last in lasts} == {first.case for first in samples if not first.turn}
    *_, ended = folder.read_events("probes")
    facts = ended.facts
    assert facts["scheduled"] == facts["sent"] + facts["unsent"] + facts["not_asked"]
    assert facts["not_asked"] == facts["sent"] - 2 * len(lasts) > 0


JUDGED = """
suite: small
judge: {{url: "http://127.0.0.1:{port}/judge", model: j-1, timeout: 1s}}
cases:
  - {{case: right, question: "How long?", scorers: [{{kind: judge, criterion: polite}}]}}
  - case: wrong
    question: "How much?"
    scorers: [{{kind: contains, any: [days]}}]
"""


class JudgingDoor(Door):
    """A front door with a judge in the same house, who likes every second answer."""

    replies = itertools.cycle(['{"score": 1}', "I would rather not say."])

    def do_POST(self):
        if not self.path.startswith("/judge"):
            super().do_POST()
            return
        self.rfile.read(int(self.headers["content-length"]))
        document = {"choices": [{"message": {"content": next(self.replies)}}]}
        answer = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


async def test_a_judge_scores_beside_the_load_or_leaves_the_score_missing(spec, tmp_path):
    server = ThreadingHTTPServer(("127.0.0.1", 0), JudgingDoor)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (tmp_path / "suite.yaml").write_text(JUDGED.format(port=server.server_port))
    url = f"http://127.0.0.1:{server.server_port}/v1"
    load = await RunningLoad.start(spec.model_copy(update={"url": url}), Secrets(key="s3cret"))
    folder = RunFolder(spec.run_folder)
    await beats_until(load, folder, 30)
    await load.stop()
    server.shutdown()
    server.server_close()
    samples = folder.read_samples()
    started, ended = folder.read_events("probes")
    assert ended.facts["scheduled"] == len(samples)
    judged = [sample for sample in samples if sample.case == "right"]
    assert {(s.quality, s.passed) for s in judged} == {(1.0, True), (None, None)}
    assert {s.detail for s in judged} == {"", "judge could not tell"}
    assert {(s.quality, s.passed) for s in samples if s.case == "wrong"} == {(1.0, True)}
    assert started.facts["judge"]["model"] == "j-1"
    assert started.facts["judge"]["temperature"] == 0.0
