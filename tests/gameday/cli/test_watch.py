"""`gameday watch` against a small system: planned, asked once, changed, told, accepted, down."""

import http.server
import json
import threading

import pytest

from gameday.cli.main import main
from gameday.store.watches import Watches
from tests.gameday.cli import test_record
from tests.gameday.cli.test_record import Door

WATCH = """
watch: {every: 1h, rate: 50/s, probes: 4, part: 2, margin: 0.2, hook: {post: "HOOK", key: "file:k"}}
"""
OLD = ("It takes 14 days.", "About 14 days it takes.")
NEW = ("Ask somebody else in 2 days.", "Nobody can say these days.")

door = test_record.door


class Hook(http.server.BaseHTTPRequestHandler):
    """Takes what it is told, or says no."""

    told: list[dict] = []
    keys: list[str] = []
    status = 204

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.status < 300:
            Hook.told.append(json.loads(body))
            Hook.keys.append(self.headers["authorization"])
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def hook():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Hook.told, Hook.keys, Hook.status = [], [], 204
    yield f"http://127.0.0.1:{server.server_port}/notices"
    server.shutdown()
    server.server_close()


@pytest.fixture
def watched(door, hook, capsys):
    """The small system of `gameday record`, recorded and watched."""
    (door / "k").write_text("secret-key")
    target = (door / "gameday.yaml").read_text() + WATCH.replace("HOOK", hook)
    (door / "gameday.yaml").write_text(target)
    Door.texts = OLD
    assert main(["record", "--per-case", "20", "--rate", "100/s"]) == 0
    capsys.readouterr()
    return door


def once(capsys):
    code = main(["watch", "once", "--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out)


def until(capsys, code, most=8):
    """Tick until the exit code is that one."""
    for _ in range(most):
        found, document = once(capsys)
        if found == code:
            return document
    pytest.fail(f"never {code}: {document}")


def test_a_plan_asks_nothing_and_states_the_cost(watched, capsys):
    assert main(["watch", "plan", "--every", "30m"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "shop.staging   every 1800 s: 4 probes, and 2 of 4 cases in rotation"
    # 48 ticks of at most 6 requests, 2,000 tokens each at $10 a million
    assert "at most $5.76 a day (48 ticks a day, at most 288 requests)" in lines[3]
    assert "at most one false alarm in 365 days" in lines[1]
    assert main(["watch", "plan", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["requests_a_tick_max"] == 6
    assert document["a_day"]["usd_max"] == pytest.approx(2.88)
    assert Watches(watched / ".gameday").all() == []


def test_a_healthy_tick_says_so_and_what_it_cost(watched, capsys):
    code, document = once(capsys)
    assert code == 0
    assert document["word"] == "NO CHANGE SEEN, UNDECIDED"
    assert document["standing"]["ticks"] == 1
    # 4 requests: two of the rotating part are probes too, and are asked once
    assert document["a_day"]["usd_measured"] == pytest.approx(24 * 4 * 50e-6)
    assert Hook.told == []
    figures = (watched / ".gameday" / "watch" / "shop.staging.prom").read_text()
    assert 'gameday_watch_changed{target="shop",environment="staging"} 0.0' in figures
    assert "# TYPE gameday_watch_cost_usd_a_day gauge" in figures


def test_a_change_is_told_once_with_the_summary_until_it_is_accepted(watched, capsys):
    once(capsys)
    Door.texts = NEW
    document = until(capsys, 1)
    assert document["word"].startswith("CHANGED, ")
    assert document["standing"]["ticks"] <= 6
    once(capsys)
    once(capsys)
    (told,) = [one for one in Hook.told if one["kind"] == "changed"]
    assert told["summary"].startswith("CHANGED, ")
    assert "shop/staging: the answers are no longer those of before: evidence " in told["summary"]
    assert "at most one false alarm in 365 days" in told["summary"]
    assert "Nothing that can be read differs from the ledger of " in told["summary"]
    assert set(Hook.keys) == {"Bearer secret-key"}
    assert "days" not in json.dumps(document["standing"]).replace("365 days", "")

    assert main(["watch", "status"]) == 0
    assert "notice      " in capsys.readouterr().out
    assert main(["record", "--per-case", "20", "--rate", "100/s", "--accept"]) == 0
    capsys.readouterr()
    code, document = once(capsys)
    assert (code, document["standing"]["ticks"]) == (0, 1)
    assert Hook.told[-1]["kind"] == "accepted"
    assert [one["kind"] for one in Hook.told].count("accepted") == 1


def test_a_hook_that_says_no_is_tried_again_at_the_next_tick(watched, capsys):
    Hook.status = 503
    Door.texts = NEW
    document = until(capsys, 1)
    assert Hook.told == []
    assert document["notices"][0]["told_at"] is None
    assert "answers 503" in document["notices"][0]["failure"]
    Hook.status = 204
    once(capsys)
    assert [one["kind"] for one in Hook.told].count("changed") == 1


def test_a_system_that_is_down_could_not_be_asked(watched, capsys):
    once(capsys)
    Door.texts = ()
    for _ in range(3):
        code, document = once(capsys)
        assert code == 3
        assert document["word"] == "COULD NOT BE COMPARED"
        assert "none of 4 requests got an answer (4 http_error)" in document["standing"]["problem"]
    assert document["standing"]["ticks"] == 1
    assert document["standing"]["changed"] is None
    assert [one["kind"] for one in Hook.told] == ["blind"]
    Door.texts = OLD
    assert once(capsys)[0] == 0
    assert [one["kind"] for one in Hook.told] == ["blind", "sees"]


def test_without_a_recording_there_is_nothing_to_watch(door, capsys):
    assert main(["watch", "once"]) == 6
    said = capsys.readouterr().err
    assert "was never recorded, so there is nothing to compare with" in said
    assert "gameday record" in said


def test_a_suite_that_was_edited_cannot_be_compared_and_is_not_asked(watched, capsys):
    once(capsys)
    with (watched / "suite.yaml").open("a") as suite:
        suite.write("# edited\n")
    assert main(["watch", "once"]) == 6
    assert "the suite shop was changed since" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ("{every: 10s, rate: 1/s}", "takes 8 s of the 10 s to the next"),
        ("{hook: {command: [./no-such-program]}}", "./no-such-program is no program here"),
        ("{hook: {post: 'http://127.0.0.1:1/', key: 'env:NOT_SET'}}", "env:NOT_SET is not there"),
    ],
)
def test_a_watch_that_cannot_work_is_refused_before_it_begins(watched, capsys, settings, sentence):
    target = (watched / "gameday.yaml").read_text().split("\nwatch:")[0]
    (watched / "gameday.yaml").write_text(f"{target}\nwatch: {settings}\n")
    assert main(["watch", "once"]) in (2, 6)
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("command", ["start", "stop"])
def test_a_schedule_needs_a_temporal(watched, capsys, command, monkeypatch):
    monkeypatch.delenv("TEMPORAL_ADDRESS", raising=False)
    assert main(["watch", command]) == 2
    assert "no Temporal is named" in capsys.readouterr().err


def test_status_without_a_watch_says_how_to_begin(door, capsys):
    assert main(["watch", "status"]) == 0
    assert "gameday watch start" in capsys.readouterr().out
    assert main(["watch", "status", "shop.live"]) == 2
    assert main(["watch", "plan", "--every", "soon"]) == 2
    assert "--every: expected a duration such as 20s" in capsys.readouterr().err
