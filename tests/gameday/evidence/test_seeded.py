"""Secrets and personal data are seeded wherever others can put text, and found nowhere after."""

import asyncio
import json
import logging
import sys
import threading
import zipfile
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
from temporalio.api.failure.v1 import Failure

from gameday.catalog.kinds import exports
from gameday.cli.main import main
from gameday.components.command import Command
from gameday.components.http import Http
from gameday.domain.alerts import AlertState, Sighting
from gameday.domain.drill import Load
from gameday.domain.errors import ComponentError
from gameday.domain.evidence import Evidence
from gameday.domain.reading import Reading
from gameday.domain.record import Event
from gameday.evidence.key import Keys
from gameday.probes.load import Load as RunningLoad
from gameday.probes.load_spec import LoadSpec
from gameday.probes.secrets import Secrets
from gameday.reporting.closing import gather
from gameday.reporting.write import write_reports
from gameday.store.game_days import write_game_day
from gameday.store.redaction import Redactor
from gameday.store.run_folder import RunFolder
from gameday.supervisor import secrets
from gameday.supervisor.hiding import DATA_CONVERTER, HidingFormatter
from tests.activities.preflight_rig import preflight
from tests.activities.test_preflight import Injector
from tests.gameday.reporting.days import make_day, make_outcome
from tests.gameday.reporting.runs import at, make_drill, make_fault, make_record, make_request
from tests.gameday.reporting.stand_ins import MAKERS

# Each would be found by a rule of its own; the first two only by their value, the last by ours.
BY_VALUE = "the plain words of a front door key"
LOGIN = 'a "quoted" login secret \\ 100%'
SEEDS = {
    "front door key": BY_VALUE,
    "login": LOGIN,
    "key": "sk-CANARYaaaaBBBBccccDDDD",
    "token": "eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOjF9.CANARYsignature",
    "password": "hunter2CANARY",
    "e-mail": "canary@people.example",
    "phone": "+49 30 90182 7463",
    "card": "4111 1111 1111 1111",
    "iban": "DE89 3704 0044 0532 0130 00",
    "ssn": "219-09-9999",
    "employee": "EMP-471147",
}
SOWN = "; ".join(
    f"password={text}" if name == "password" else f"{name} {text}" for name, text in SEEDS.items()
)
OWN = Evidence.model_validate({"redact": [{"name": "employee", "pattern": "EMP-[0-9]{6}"}]})
SUITE = f"""
suite: support
cases:
  - case: one
    question: {json.dumps(SOWN)}
    scorers: [{{kind: contains, any: ["30 days"]}}]
"""
ANSWER = {
    "model": f"model of {SEEDS['e-mail']}",
    "system_fingerprint": SEEDS["key"],
    "choices": [
        {"message": {"content": f"{SEEDS['employee']}; {SOWN}"}, "finish_reason": SEEDS["employee"]}
    ],
    "usage": {"prompt_tokens": 100, "completion_tokens": 10},
}
ERROR = {"error": {"type": SOWN[:80], "code": SEEDS["card"], "message": SOWN}}


class Door(BaseHTTPRequestHandler):
    """Says everything back, and more, in bodies, headers and errors by turns."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[int]] = []

    def do_GET(self):
        self.say(500, ERROR)

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.asked.append(1)
        turn = len(self.asked) % 3
        self.say(*((200, ANSWER), (500, ERROR), (200, ERROR))[turn])

    def say(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.send_header("x-served-by", f"one of {SEEDS['iban']}")
        self.send_header("x-attempts", f"{SEEDS['phone']} {BY_VALUE};outcome=ok;ms=1")
        self.send_header("x-assistant-version", f"v1 by {SEEDS['ssn']} {LOGIN}")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def url():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def given_secrets(monkeypatch):
    """This process is given both, as a worker is; the load's own process gets them from it."""
    monkeypatch.setattr(secrets, "_hidden", ())
    for name, value in (("FRONT_DOOR_KEY", BY_VALUE), ("LOGIN", LOGIN)):
        monkeypatch.setenv(name, value)
        secrets.read_secret(f"env:{name}")


def found_in(content: bytes) -> list[str]:
    """The seeds in it, also as JSON or HTML would spell them."""
    spelt = {
        name: {text, json.dumps(text)[1:-1], text.replace('"', "&#34;"), text.replace(" ", "")}
        for name, text in SEEDS.items()
    }
    return [name for name, forms in spelt.items() if any(f.encode() in content for f in forms)]


class Held:
    """An injector whose components have said what they said."""

    def __init__(self, said):
        self._said = said

    async def journal(self, run_id):
        facts = {"reason": self._said[0]}
        return [Event(author="injector", seq=1, at=at(1), what="cleared", facts=facts)]

    async def faults(self, run_id):
        return [make_fault(cleared_because=self._said[1], evidence={"said": self._said})]


async def sent(url, tmp_path):
    """Samples of a real load."""
    (tmp_path / "suite.yaml").write_text(SUITE)
    folder = RunFolder(tmp_path / "runs" / "7Q2K")
    spec = LoadSpec(
        url=url, load=Load(rate="20/s", suite="support", stream=False), requests_max=10_000,
        suite_file=str(tmp_path / "suite.yaml"), run_folder=str(folder.path), evidence=OWN,
    )  # fmt: skip
    load = await RunningLoad.start(spec, Secrets(key=BY_VALUE, login=LOGIN))
    for _ in range(400):
        load.beat()
        if len(folder.read_samples()) >= 30:
            break
        await asyncio.sleep(0.05)
    await load.stop()
    return folder


async def said_by_components(url, tmp_path):
    """What two backends say whose other sides say everything."""
    program = f"import sys; sys.exit({SOWN!r})"
    command = {"read": [sys.executable, "-c", program], "change": ["true", "{{to}}"]}
    asked = {"url": url, "read": {"method": "GET", "path": "/x", "value": "x"},
             "change": {"method": "PUT", "path": "/x", "json": {"x": "{{to}}"}}}  # fmt: skip
    for backend in (Command.model_validate(command).beside(tmp_path), Http.model_validate(asked)):
        with pytest.raises(ComponentError) as told:
            await backend.read()
        yield told.value.sentence


async def test_nothing_that_was_sown_is_found_in_anything_produced(url, tmp_path, capsys):
    folder = await sent(url, tmp_path)
    samples = folder.read_samples()
    assert {sample.outcome for sample in samples} >= {"ok", "http_error"}
    assert any("[" in sample.answer_excerpt for sample in samples)  # something was there to take
    report = await preflight(
        tmp_path, "http://x", url, scope="all", marker=None, make=lambda _: Injector(),
        evidence=OWN.model_dump(mode="json"),
    )  # fmt: skip
    said = [sentence async for sentence in said_by_components(url, tmp_path)]
    raw = json.dumps(ERROR)
    folder.add_readings([Reading(
        slo="s", window="w", part="good", source="up", place="p", asked_at=at(0), start_s=0,
        end_s=1, raw=raw, problem=SOWN,
    )], Redactor(OWN.redact))  # fmt: skip
    seen = Sighting(at=at(1), stage="sink", state=AlertState.UNREAD, detail=SOWN)
    folder.add_sightings([seen], Redactor(OWN.redact))
    request = make_request("7Q2K", make_drill())
    target = request.target.model_copy(update={"evidence": OWN})
    began = samples[0].intended_at - timedelta(seconds=1)
    record = make_record(
        "7Q2K",
        request=request.model_copy(update={"target": target}),
        started_at=began,
        preflight=report.lines,
        dirty=said[0],
        faults=(),
    )
    record = await gather(folder, record, Held(said))
    folder.write_record(record)
    write_reports(folder, record, samples, MAKERS, Keys(tmp_path / "state"))
    for path in folder.path.rglob("*"):
        assert not path.is_file() or found_in(path.read_bytes()) == [], path
    with zipfile.ZipFile(folder.bundle_file) as bundle:
        assert {name: found_in(bundle.read(name)) for name in bundle.namelist()
                if found_in(bundle.read(name))} == {}  # fmt: skip
    assert main(["samples", "7Q2K", "--runs", str(tmp_path / "runs")]) == 0
    printed = capsys.readouterr().out
    assert "[employee]" in printed
    assert found_in(printed.encode()) == []
    for kind, _ in exports.kinds():
        assert main(["export", "7Q2K", "--runs", str(tmp_path / "runs"), "--format", kind]) == 0
        assert found_in(capsys.readouterr().out.encode()) == [], kind
    assert main(["metrics", "--runs", str(tmp_path / "runs"), "--state", str(tmp_path)]) == 0
    assert found_in(capsys.readouterr().out.encode()) == []
    day = make_day(drills=(make_outcome("x", "X", run_id="7Q2K").ended(folder.read_result()),))
    write_game_day(tmp_path / "runs" / day.id, day)
    where = ["--runs", str(tmp_path / "runs"), "--state", str(tmp_path / "state")]
    assert main(["report", day.id, *where]) == 0
    made = ["site", str(tmp_path / "site"), "--state", str(tmp_path / "state")]
    assert main([*made, "--runs", str(tmp_path / "runs")]) == 0
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) == 4  # the index, the drill, the report, the game day
    pages.append(tmp_path / "runs" / day.id / "game_day.html")
    assert {
        page: found_in(page.read_bytes()) for page in pages if found_in(page.read_bytes())
    } == {}
    for payload in await DATA_CONVERTER.encode([record, report]):
        assert found_in(payload.SerializeToString()) == []


async def test_a_failure_in_a_history_and_a_line_of_a_log_are_redacted():
    failed = RuntimeError(f"while {SOWN}")
    failed.__cause__ = ValueError(SOWN)
    failure = Failure()
    await DATA_CONVERTER.encode_failure(failed, failure)
    assert failure.message.startswith("while front door key [secret]")
    assert failure.HasField("cause")
    own = {"employee"}  # a history is written with the rules for everybody
    assert set(found_in(failure.SerializeToString())) <= own
    logged = logging.LogRecord(
        "n", 30, "p", 1, "%s", (SOWN,), (RuntimeError, failed, failed.__traceback__)
    )
    assert set(found_in(HidingFormatter("%(message)s").format(logged).encode())) <= own
