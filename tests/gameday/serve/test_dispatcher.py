"""Each alert starts at most one run, whatever is told twice, out of order, or dies in between."""

import asyncio
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.errors import FileError, StartError
from gameday.domain.incident import DrillThere
from gameday.domain.sender import Occurrence
from gameday.domain.serving import Serving
from gameday.serve.dispatcher import Dispatcher
from gameday.serve.inbox import Arrival, Inbox
from gameday.serve.responding import Responding
from gameday.store.incidents import Incidents
from tests.gameday.serve.told import AT, ago

ALERTS = ("one", "two", "three")


def serving(**settings):
    """An entry for each alert, so that none is kept back for another's sake."""
    entries = [
        {"when": {"alertname": alert}, "drill": f"drill-{alert}", "environment": "lab", **settings}
        for alert in ALERTS
    ]
    senders = {"a": {"kind": "alertmanager", "secret": "env:X"}}
    return Serving.model_validate({"serve": "team", "senders": senders, "start": entries})


class Runs:
    """Whoever runs drills, as far as a dispatcher can tell."""

    def __init__(self):
        self.started = {}  # by id: the drill
        self.starts = 0
        self.ended = []
        self.away = ""
        self.answer_is_lost = False
        self.cannot = ""
        self.asked_by = "alert:team/a"
        self.answers = {}  # by id of a run: its incident
        self.there = []  # the drills on the target
        self.told = []  # run, alert, firing
        self.over = set()  # runs that have ended
        self.stopped = []

    async def known(self, run_id):
        self._reach()
        return run_id in self.started

    async def start(self, wanted):
        self._reach()
        assert wanted.asked_by == self.asked_by
        if self.cannot:
            raise FileError(self.cannot)
        if wanted.run_id not in self.started:
            self.starts += 1
            self.started[wanted.run_id] = wanted.trigger.starts
            self.answers[wanted.run_id] = wanted.incident
        if self.answer_is_lost:
            raise StartError("no answer")

    async def end(self, run_id, asked_by):
        self._reach()
        self.ended.append(run_id)
        return "told to end"

    def target_of(self, trigger):
        return "shop"

    def runbook_of(self, trigger):
        return trigger.runbook

    async def drills_on(self, target, since):
        self._reach()
        assert target == "shop"
        return self.there

    async def stop_drills(self, target, by):
        self._reach()
        now = [one.run_id for one in self.there if one.goes_on and one.run_id not in self.stopped]
        self.stopped += now
        return now

    async def tell(self, run_id, alert):
        self._reach()
        self.told.append((run_id, alert.alert, alert.firing))
        return run_id not in self.over

    async def goes_on(self, run_id):
        self._reach()
        return run_id in self.started and run_id not in self.over

    def _reach(self):
        if self.away:
            raise StartError(self.away)


class Bench:
    """An inbox, a dispatcher over it, and a clock that the test moves."""

    def __init__(self, folder, made=None):
        self.inbox = Inbox(Path(folder) / "inbox.db")
        self.incidents = Incidents(Path(folder))
        self.runs = Runs()
        self.said = []
        self.at = AT
        self.serving = made or serving()
        self.restart()

    def restart(self):
        self.dispatcher = Dispatcher(
            self.serving,
            self.inbox,
            self.runs,
            Responding(self.incidents, self.runs, self.said.append),
            self.said.append,
            lambda: self.at,
        )

    def tell(self, name, *, firing=True, began_at=AT, key=None):
        told = Occurrence(
            key=key or name, firing=firing, began_at=began_at, labels={"alertname": name}
        )
        self.inbox.keep([Arrival("a", told, self.at)])

    @property
    def outcomes(self):
        return [one.outcome for one in self.inbox.last(99)]


@pytest.fixture
def bench(tmp_path):
    made = Bench(tmp_path)
    yield made
    made.inbox.close()


async def test_an_alert_starts_its_drill_once(bench):
    for _ in range(3):
        bench.tell("one")
        assert await bench.dispatcher.drain()
    assert list(bench.runs.started.values()) == ["drill-one"]
    (run_id,) = bench.runs.started
    assert bench.outcomes == [f"started drill-one in lab as run {run_id}"]
    assert bench.said == [f"a  firing  one: started drill-one in lab as run {run_id}"]


async def test_what_no_entry_matches_starts_nothing(bench):
    bench.tell("other")
    assert await bench.dispatcher.drain()
    assert bench.outcomes == ["no entry matches it"]
    assert not bench.runs.started


async def test_what_is_over_before_anything_started_starts_nothing(bench):
    bench.tell("one", firing=False)
    assert await bench.dispatcher.drain()
    bench.tell("one")
    assert await bench.dispatcher.drain()
    assert bench.outcomes == [
        "over; nothing was started for it",
        "it was over before anything was started",
    ]
    assert not bench.runs.started


@pytest.mark.parametrize(("late_s", "starts"), [(900, 1), (901, 0)])
async def test_no_drill_comes_late(bench, late_s, starts):
    bench.tell("one", began_at=ago(late_s))
    assert await bench.dispatcher.drain()
    assert bench.runs.starts == starts
    if not starts:
        assert "it began 901 s ago, over start_within of 900 s" in bench.outcomes[0]


@pytest.mark.parametrize(("after_s", "starts"), [(3599, 1), (3600, 2)])
async def test_an_entry_starts_again_only_after_a_while(bench, after_s, starts):
    bench.tell("one", key="first")
    assert await bench.dispatcher.drain()
    bench.at = AT + timedelta(seconds=after_s)
    bench.restart()
    bench.tell("one", key="second", began_at=bench.at)
    bench.tell("two", began_at=bench.at)  # of another entry
    assert await bench.dispatcher.drain()
    assert list(bench.runs.started.values()).count("drill-one") == starts
    assert list(bench.runs.started.values()).count("drill-two") == 1


async def test_a_storm_of_alerts_is_one_drill(bench):
    for number in range(250):
        bench.tell("one", key=str(number))
    assert await bench.dispatcher.drain()
    assert bench.runs.starts == 1
    assert all(bench.outcomes)


@pytest.mark.parametrize("resolved", ["note", "end"])
async def test_the_end_of_an_alert_is_noted_or_ends_its_run(tmp_path, resolved):
    bench = Bench(tmp_path, serving(resolved=resolved))
    bench.tell("one")
    assert await bench.dispatcher.drain()
    bench.tell("one", firing=False)
    bench.tell("one", firing=False)
    assert await bench.dispatcher.drain()
    (run_id,) = bench.runs.started
    assert bench.runs.ended == ([run_id] if resolved == "end" else [])
    assert bench.runs.told == ([] if resolved == "end" else [(run_id, "one", False)])
    says = "told to end" if resolved == "end" else "is told"
    assert says in bench.outcomes[1]
    bench.inbox.close()


async def test_a_drill_that_cannot_be_started_is_told_once_and_holds_nobody_up(bench):
    bench.runs.cannot = "drill.yaml:3:1  unknown key 'fault'"
    bench.tell("one")
    assert await bench.dispatcher.drain()
    bench.runs.cannot = ""
    bench.tell("two")
    assert await bench.dispatcher.drain()
    why = "drill.yaml:3:1  unknown key 'fault'"
    assert bench.outcomes[0] == f"drill-one in lab cannot be started: {why}"
    assert list(bench.runs.started.values()) == ["drill-two"]


async def test_what_nobody_can_start_now_waits_and_is_told_once(bench):
    bench.runs.away = "Temporal does not answer"
    bench.tell("one")
    for _ in range(3):
        assert not await bench.dispatcher.drain()
    assert bench.said == ["nothing can be started: Temporal does not answer; what comes is kept"]
    bench.runs.away = ""
    assert await bench.dispatcher.drain()
    assert bench.runs.starts == 1


async def test_what_waited_too_long_for_temporal_is_not_started(bench):
    bench.runs.away = "Temporal does not answer"
    bench.tell("one")
    assert not await bench.dispatcher.drain()
    bench.runs.away, bench.at = "", AT + timedelta(hours=5)
    assert await bench.dispatcher.drain()
    assert not bench.runs.started
    assert "start_within" in bench.outcomes[0]


async def test_a_start_whose_answer_was_lost_is_known_again_even_late(bench):
    bench.runs.answer_is_lost = True
    bench.tell("one")
    assert not await bench.dispatcher.drain()
    bench.runs.answer_is_lost, bench.at = False, AT + timedelta(hours=5)
    bench.restart()
    assert await bench.dispatcher.drain()
    assert bench.runs.starts == 1
    assert bench.outcomes[0].startswith("started drill-one in lab as run ")
    assert bench.inbox.last_start("drill-one in lab") is not None


@pytest.mark.parametrize("fails", ["waiting", "intend", "started", "done", "find"])
async def test_a_disk_that_says_no_for_a_while_ends_nothing_and_starts_nothing_twice(
    bench, monkeypatch, fails
):
    def full(*_, **__):
        raise StartError("the disk is full")

    bench.tell("one")
    with monkeypatch.context() as patched:
        patched.setattr(bench.inbox, fails, full)
        assert not await bench.dispatcher.drain()
    assert bench.said[-1] == "nothing can be started: the disk is full; what comes is kept"
    assert await bench.dispatcher.drain()
    assert bench.runs.starts == 1


async def test_it_goes_on_by_itself_when_something_arrives(bench):
    running = asyncio.create_task(bench.dispatcher.run())
    await asyncio.sleep(0.05)
    bench.tell("one")
    bench.dispatcher.wake()
    for _ in range(500):
        if bench.runs.started:
            break
        await asyncio.sleep(0.02)
    running.cancel()
    assert bench.runs.starts == 1


def runbooks(**settings):
    """An entry whose alerts are incidents."""
    entry = {"when": {"alertname": "o*"}, "runbook": "worse", "environment": "lab", **settings}
    senders = {"a": {"kind": "alertmanager", "secret": "env:X"}}
    return Serving.model_validate({"serve": "team", "senders": senders, "start": [entry]})


def drill(run_id="7Q2K", *, since_s=60, phase="faulted", goes_on=True, **more):
    return DrillThere(
        run_id=run_id, environment="lab", started_at=ago(since_s), phase=phase, goes_on=goes_on,
        **more,
    )  # fmt: skip


@pytest.fixture
def responding(tmp_path):
    made = Bench(tmp_path, runbooks())
    yield made
    made.inbox.close()


async def test_an_alert_is_an_incident_whose_runbook_runs_once(responding):
    for _ in range(2):
        responding.tell("one", began_at=ago(20))
        assert await responding.dispatcher.drain()
    (run_id,) = responding.runs.started
    (incident,) = responding.incidents.all()
    assert incident.id == f"INC-{run_id}"
    assert responding.runs.answers == {run_id: incident.id}
    assert (incident.target, incident.environment, incident.since) == ("shop", "lab", ago(20))
    assert (incident.run, incident.alerts, incident.open) == (run_id, ("a one",), True)
    assert responding.outcomes == [f"started runbook worse in lab as run {run_id}"]
    assert responding.runs.told == [(run_id, "one", True)]


async def test_drills_there_are_told_to_end_also_those_that_begin_later(responding):
    responding.runs.there = [drill("OLD1", expects=("other",)), drill("OLD2", goes_on=False)]
    responding.tell("one")
    assert await responding.dispatcher.drain()
    assert responding.runs.stopped == ["OLD1"]
    responding.runs.there.append(drill("NEW1"))
    assert await responding.dispatcher.drain()
    assert responding.runs.stopped == ["OLD1", "NEW1"]
    (incident,) = responding.incidents.all()
    assert f"incident {incident.id} on target shop: run NEW1 is told to end" in responding.said
    responding.incidents.change(incident.id, lambda one: one.closed("dana", AT))
    responding.runs.there.append(drill("NEW2"))
    assert await responding.dispatcher.drain()
    assert "NEW2" not in responding.runs.stopped


@pytest.mark.parametrize(
    ("there", "own"),
    [
        (drill(answers="worse"), "is to be answered by it"),
        (drill(expects=("one",)), "expects it"),
        (drill(answers="worse", goes_on=False, phase="closed"), "is to be answered by it"),
        (drill(answers="other", expects=("two",)), ""),
        (drill(answers="worse", phase="baseline"), ""),
        (drill(answers="worse", since_s=0), "is to be answered by it"),
        (drill(answers="worse", since_s=-1), ""),
        (drill(answers="worse").model_copy(update={"environment": "staging"}), ""),
    ],
)
async def test_only_what_a_drill_has_declared_and_can_have_caused_is_its_own(
    responding, there, own
):
    responding.runs.there = [there]
    responding.tell("one")
    assert await responding.dispatcher.drain()
    if own:
        assert responding.incidents.all() == []
        assert responding.runs.started == {}
        assert responding.runs.stopped == []
        assert responding.runs.told == [("7Q2K", "one", True)]
        assert responding.outcomes == [f"no incident: drill 7Q2K {own}; run 7Q2K is told"]
    else:
        assert len(responding.incidents.all()) == 1
        assert responding.runs.starts == 1
        assert "7Q2K" not in [run_id for run_id, *_ in responding.runs.told]


async def test_a_drill_is_told_again_where_that_may_have_been_lost_and_it_is_no_incident(
    responding,
):
    """It was noted whose the alert is; then Temporal went away, and came back after the drill."""
    responding.runs.there = [drill(answers="worse")]
    responding.tell("one")
    told, responding.runs.tell = responding.runs.tell, _away
    assert not await responding.dispatcher.drain()
    responding.runs.tell, responding.runs.there = told, []
    responding.runs.over = {"7Q2K"}
    responding.restart()
    assert await responding.dispatcher.drain()
    assert responding.runs.told == [("7Q2K", "one", True)]
    assert responding.outcomes == [
        "no incident: it was found to be a drill's own; run 7Q2K had ended"
    ]
    assert responding.incidents.all() == []


async def _away(*_):
    raise StartError("Temporal does not answer")


async def test_the_end_of_a_drills_own_alert_is_told_to_it(responding):
    responding.runs.there = [drill(answers="worse")]
    responding.tell("one")
    responding.tell("one", firing=False)
    assert await responding.dispatcher.drain()
    # Both were there at once: what is over is started for nobody.
    assert responding.outcomes[0] == "it was over before anything was started"
    responding.tell("once")
    assert await responding.dispatcher.drain()
    responding.tell("once", firing=False)
    assert await responding.dispatcher.drain()
    assert responding.runs.told == [("7Q2K", "once", True), ("7Q2K", "once", False)]
    assert responding.outcomes[-1] == "over; run 7Q2K is told"


async def test_further_alerts_of_an_entry_belong_to_its_incident(responding):
    for number in range(50):
        responding.tell("one", key=str(number))
    assert await responding.dispatcher.drain()
    (incident,) = responding.incidents.all()
    assert len(incident.alerts) == 50
    assert responding.runs.starts == 1
    answered = f"incident {incident.id} is open, and run {incident.run} answers it"
    assert responding.outcomes[1:] == [answered] * 49
    assert responding.runs.told == [(incident.run, "one", True)] * 50


@pytest.mark.parametrize("resolved", ["note", "end"])
async def test_an_incident_is_closed_when_its_alerts_and_its_run_are_over(tmp_path, resolved):
    bench = Bench(tmp_path, runbooks(resolved=resolved))
    bench.tell("one")
    assert await bench.dispatcher.drain()
    (run_id,) = bench.runs.started
    bench.tell("one", firing=False)
    assert await bench.dispatcher.drain()
    stays = f"over; incident INC-{run_id} stays open; run {run_id}"
    assert bench.outcomes[1] == f"{stays}{': told to end' if resolved == 'end' else ' is told'}"
    bench.incidents.run_ended(run_id, "stopped" if resolved == "end" else "resolved", AT)
    assert not bench.incidents.get(f"INC-{run_id}").open
    bench.inbox.close()


async def test_a_run_that_ended_without_a_word_leaves_its_incident_to_people(responding):
    responding.tell("one")
    assert await responding.dispatcher.drain()
    (run_id,) = responding.runs.started
    responding.runs.over = {run_id}
    assert await responding.dispatcher.drain()
    assert responding.incidents.get(f"INC-{run_id}").outcome == "failed"
    responding.tell("one", firing=False)
    assert await responding.dispatcher.drain()
    assert responding.incidents.get(f"INC-{run_id}").open
    assert any("ended without a word" in line for line in responding.said)


async def test_a_runbook_that_cannot_be_started_or_comes_late_is_an_incident_all_the_same(
    responding,
):
    responding.runs.cannot = "worse.yaml:3:1  unknown key 'plai'"
    responding.tell("one")
    assert await responding.dispatcher.drain()
    (incident,) = responding.incidents.all()
    assert (incident.open, incident.run) == (True, "")
    why = "runbook worse in lab cannot be started: worse.yaml:3:1  unknown key 'plai'"
    assert responding.outcomes == [f"incident {incident.id}: {why}"]
    responding.runs.cannot = ""
    responding.tell("once", began_at=ago(901))
    assert await responding.dispatcher.drain()
    assert "over start_within of 900 s" in responding.outcomes[1]
    assert responding.incidents.get(incident.id).alerts == ("a one", "a once")
    assert responding.runs.starts == 0
    responding.tell("one", firing=False)
    responding.tell("once", firing=False)
    assert await responding.dispatcher.drain()
    assert not responding.incidents.get(incident.id).open


async def test_a_start_whose_answer_was_lost_answers_its_incident(responding):
    responding.runs.answer_is_lost = True
    responding.tell("one")
    assert not await responding.dispatcher.drain()
    responding.runs.answer_is_lost = False
    responding.restart()
    assert await responding.dispatcher.drain()
    (run_id,) = responding.runs.started
    assert responding.runs.starts == 1
    assert responding.incidents.get(f"INC-{run_id}").run == run_id


async def test_incidents_that_cannot_be_read_hold_everything_up_and_lose_nothing(responding):
    responding.incidents.file.write_text("{}\n")
    responding.tell("one")
    assert not await responding.dispatcher.drain()
    assert "incidents.jsonl:1" in responding.said[-1]
    responding.incidents.file.unlink()
    assert await responding.dispatcher.drain()
    assert responding.runs.starts == 1


ACTS = st.one_of(
    st.tuples(st.sampled_from(["firing", "resolved"]), st.sampled_from(ALERTS)),
    st.sampled_from([("drain", ""), ("away", ""), ("lost", ""), ("restart", "")]),
)


@given(st.lists(ACTS, max_size=30))
def test_however_deliveries_come_each_alert_is_at_most_one_run(acts):
    asyncio.run(_delivered(acts))


async def _delivered(acts):
    with TemporaryDirectory() as folder:
        bench = Bench(folder, serving(resolved="end"))
        told = []
        for act, alert in acts:
            if act in {"firing", "resolved"}:
                bench.tell(alert, firing=act == "firing")
                told.append((act, alert))
                continue
            if act == "restart":
                bench.restart()
            bench.runs.away = "away" if act == "away" else ""
            bench.runs.answer_is_lost = act == "lost"
            await bench.dispatcher.drain()
        bench.runs.away, bench.runs.answer_is_lost = "", False
        assert await bench.dispatcher.drain()
        _hold(bench, told)
        bench.inbox.close()


def _hold(bench, told):
    started = list(bench.runs.started.values())
    assert bench.runs.starts == len(started) == len(set(started))
    for alert in ALERTS:
        ran = f"drill-{alert}" in started
        begun, over = ("firing", alert) in told, ("resolved", alert) in told
        if not begun or (over and told.index(("resolved", alert)) < told.index(("firing", alert))):
            assert not ran
        elif not over:
            assert ran
    over = {alert for act, alert in told if act == "resolved"}
    must_end = [one for one, drill in bench.runs.started.items() if drill[6:] in over]
    assert sorted(set(bench.runs.ended)) == sorted(must_end)
    assert all(bench.outcomes)


def answered(**settings):
    """An entry for each alert, each with a runbook."""
    entries = [
        {"when": {"alertname": alert}, "runbook": f"run-{alert}", "environment": "lab", **settings}
        for alert in ALERTS
    ]
    senders = {"a": {"kind": "alertmanager", "secret": "env:X"}}
    return Serving.model_validate({"serve": "team", "senders": senders, "start": entries})


@given(st.lists(st.one_of(ACTS, st.just(("ended", ""))), max_size=30))
def test_however_deliveries_come_an_incident_is_open_as_long_as_something_is_wrong(acts):
    asyncio.run(_incidents(acts))


async def _incidents(acts):
    with TemporaryDirectory() as folder:
        bench = Bench(folder, answered())
        for act, alert in acts:
            if act in {"firing", "resolved"}:
                bench.tell(alert, firing=act == "firing")
            elif act == "restart":
                bench.restart()
            elif act == "ended":
                _end_all(bench)
            bench.runs.away = "away" if act == "away" else ""
            bench.runs.answer_is_lost = act == "lost"
            await bench.dispatcher.drain()
        bench.runs.away, bench.runs.answer_is_lost = "", False
        assert await bench.dispatcher.drain()
        _hold_incidents(bench)
        _end_all(bench)
        _hold_incidents(bench)
        bench.inbox.close()


def _end_all(bench):
    for run_id in bench.runs.started:
        if run_id not in bench.runs.over:
            bench.incidents.run_ended(run_id, "resolved", bench.at)
            bench.runs.over.add(run_id)


def _hold_incidents(bench):
    assert bench.runs.starts == len(bench.runs.started)
    incidents = {one.id: one for one in bench.incidents.all()}
    assert set(bench.runs.answers.values()) == set(incidents), "each has its run, and no other"
    for run_id, incident_id in bench.runs.answers.items():
        incident = incidents[incident_id]
        over = [
            bench.inbox.find("a", alert.partition(" ")[2], firing=False)
            for alert in incident.alerts
        ]
        wrong = run_id not in bench.runs.over or not all(over)
        assert incident.open is wrong
        assert incident.run == run_id
