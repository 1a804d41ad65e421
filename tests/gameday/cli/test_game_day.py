"""`gameday game-day` on a real Temporal server, with drills that end as the test says."""

import asyncio
import json
import threading
import time

import pytest

from gameday.cli.main import main
from gameday.domain.errors import FileError
from gameday.store.game_days import game_days_in, read_game_day
from gameday.store.ledger import Ledger
from gameday.supervisor.queues import day_queue
from tests.gameday.catalog.authored import written
from tests.gameday.serve.served import folder_of
from tests.workflows.game_day_rig import Drills, at_work, connected, dev_server

DAY = """\
game_day: monthly
title: The month's rehearsal
target: lab
people: {leads: ana, paged: [bo], approves: [cyd]}
preconditions: [No release is planned for today.]
drills:
  - {drill: drill.yaml, overrides: [windows.faulted=31s]}
  - {drill: drill.yaml}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with dev_server(tmp_path_factory.mktemp("temporal")) as address:
        yield address


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a target, a drill and a game day, where no stack runs."""
    monkeypatch.chdir(folder_of(tmp_path))
    written(tmp_path, DAY, "day.yaml")
    return tmp_path


class Worker(threading.Thread):
    """Works in a loop of its own, as the command has the main thread."""

    def __init__(self, server, folder):
        super().__init__(daemon=True)
        self.drills = Drills(folder)
        self._server, self._state = server, folder / ".gameday"
        self._queue = day_queue(Ledger(self._state).place)
        self.works = threading.Event()

    def run(self):
        asyncio.run(self._work())

    async def _work(self):
        client = await connected(self._server)
        async with at_work(client, self._state, self.drills, self._queue):
            self._loop, self._leave = asyncio.get_running_loop(), asyncio.Event()
            self.works.set()
            await self._leave.wait()

    def __enter__(self):
        self.start()
        assert self.works.wait(60)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._leave.set)
        self.join()


@pytest.fixture
def worker(server, here, monkeypatch):
    monkeypatch.setenv("TEMPORAL_ADDRESS", server)
    monkeypatch.setenv("GAMEDAY_INJECTOR_TOKEN", "of an injector that does not answer")
    with Worker(server, here) as worker:
        yield worker


def test_a_plan_shows_every_drill_and_what_it_may_cost(here, capsys):
    assert main(["game-day", "plan", "day.yaml"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "monthly   The month's rehearsal"
    assert lines[1] == "  holds       No release is planned for today."
    assert sum("connection_refused on provider/primary" in line for line in lines) == 2
    assert any(line.startswith("  stops on    failed, refused, aborted, dirty") for line in lines)
    assert main(["game-day", "plan", "day.yaml", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert lines[-1] == f"  digest      {document['digest']}"
    first, second = document["plans"]
    assert first["digest"] != second["digest"]  # the one has an override


def test_a_digest_is_another_for_other_people_and_the_same_for_another_date(here, capsys):
    def digest():
        assert main(["game-day", "plan", "day.yaml", "--json"]) == 0
        return json.loads(capsys.readouterr().out)["digest"]

    first = digest()
    written(here, DAY + "schedule: {every: week, on: monday}\n", "day.yaml")
    assert digest() == first
    written(here, DAY.replace("[cyd]", "[ana]"), "day.yaml")
    assert digest() != first


def test_a_day_is_run_to_its_end_and_its_exit_code_is_that_of_the_worst(worker, here, capsys):
    assert main(["game-day", "run", "day.yaml", "--confirmed", "--as", "ana"]) == 0
    said = capsys.readouterr().out
    assert "ana said yes to: the preconditions hold" in said
    assert "PASSED   2 of 2 drills passed" in said
    worker.drills.verdicts = {1: "failed"}
    assert main(["game-day", "run", "day.yaml", "--confirmed", "--as", "ana", "--json"]) == 1
    day = json.loads(capsys.readouterr().out)
    assert (day["verdict"], day["drills"][1]["verdict"]) == ("failed", None)
    assert read_game_day(here / "runs" / day["id"]).reason == day["reason"]
    assert main(["game-day", "status"]) == 0
    listed = capsys.readouterr().out
    assert listed.count("monthly") == 2
    assert main(["game-day", "status", day["id"]]) == 0
    assert "did not run" in capsys.readouterr().out


def test_who_does_not_lead_cannot_confirm(worker, here, capsys):
    assert main(["game-day", "run", "day.yaml", "--confirmed", "--as", "bo"]) == 6
    assert "--confirmed: bo is none of ana" in capsys.readouterr().err
    assert worker.drills.began == []


def test_people_answer_from_other_terminals(worker, here, capsys):
    """The day runs in this process' thread; the others' commands are this one's."""
    worker.drills.hangs = {1}
    exit_codes = []

    def as_others():
        day_id = _until(lambda: next((day.id for day in game_days_in(here / "runs")), None))
        exit_codes.append(_until_0(["game-day", "approve", day_id, "--as", "ana"]))
        _until(lambda: worker.drills.began)
        exit_codes.append(main(["game-day", "mark", day_id, "acknowledged", "--as", "bo"]))
        exit_codes.append(main(["game-day", "mark", day_id, "decided", "--words", "wait"]))
        exit_codes.append(main(["game-day", "status", day_id]))
        exit_codes.append(main(["game-day", "abort", day_id, "--as", "dana"]))

    others = threading.Thread(target=as_others)
    others.start()
    code = main(["game-day", "run", "day.yaml"])
    others.join()
    assert (code, exit_codes) == (4, [0, 0, 0, 0, 0])
    (day,) = game_days_in(here / "runs")
    assert (day.confirmed_by, day.verdict) == ("ana", "aborted")
    times = day.drills[0].people
    assert (times.acknowledged_by, times.decision) == ("bo", "wait")
    assert "drill.yaml" not in capsys.readouterr().err
    for command in (["approve"], ["abort"], ["mark", "paged"]):
        words = ["game-day", command[0], day.id, *command[1:]]
        assert main(words) == 2, words
        assert f"no game day {day.id} goes on" in capsys.readouterr().err


def _until(look, within_s=60.0):
    give_up = time.monotonic() + within_s
    while time.monotonic() < give_up:
        if found := look():
            return found
        time.sleep(0.05)
    pytest.fail("it did not come to that")


def _until_0(words):
    """A gate may open a moment after the day has begun."""
    _until(lambda: main(words) == 0)
    return 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("target: lab", "target: shop", "is for the target 'shop'; gameday.yaml describes 'lab'"),
        ("drill: drill.yaml}\n", "drill: nope}\n", "unknown drill 'nope'"),
        ("windows.faulted=31s", "windows.faulted=1s", "the windows cannot decide"),
    ],
)
def test_a_day_that_cannot_be_run_is_refused_before_anything_begins(here, capsys, old, new, said):
    written(here, DAY.replace(old, new), "day.yaml")
    assert main(["game-day", "plan", "day.yaml"]) == 2
    assert said in capsys.readouterr().err


def test_without_a_temporal_nothing_is_begun(here, monkeypatch, capsys):
    monkeypatch.delenv("TEMPORAL_ADDRESS", raising=False)
    assert main(["game-day", "run", "day.yaml"]) == 2
    assert "no Temporal is named" in capsys.readouterr().err
    assert main(["game-day", "status", "NONE"]) == 2
    assert "there is no game day in" in capsys.readouterr().err


def test_no_game_day_yet(here, capsys):
    assert main(["game-day", "status"]) == 0
    assert capsys.readouterr().out == "no game day\n"
    with pytest.raises(FileError):
        read_game_day(here)
