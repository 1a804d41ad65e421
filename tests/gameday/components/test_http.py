"""The backend `http` beyond the contract: comparing there, what it hides, what it refuses."""

import json
import time

import pytest

from gameday.catalog.files import load_components, load_target
from gameday.catalog.kinds import components
from gameday.components._asking import BYTES_MAX
from gameday.domain.component import Component
from gameday.domain.errors import ComponentError, ComponentUnreachableError, FileError
from tests.contract.rigs.http import HttpRig
from tests.contract.rigs.rig import SECRET
from tests.gameday.catalog.authored import TARGET
from tests.gameday.loopback import Loopback, QuietHandler

SETTINGS = """\
components:
  model:
    backend: http
    previous: heron-4-2026-08
    user_cost: low
    url: http://127.0.0.1:1
    read: {path: /alias, value: model}
    change: {method: PUT, path: /alias, json: {model: "{{to}}"}}
"""


@pytest.fixture
def rig(tmp_path):
    made = HttpRig(tmp_path)
    yield made
    made.close()


def made(url, **settings):
    whole = {
        "read": {"path": "/a", "value": "data.0.model"},
        "change": {"path": "/a", "json": {"model": "{{to}}"}},
        "timeout": "300ms",
        **settings,
    }
    return components.make(Component(kind="http", settings={"url": url, **whole}))


def answering(status=200, content=b"{}", headers=None, after_s=0.0, seen=None):
    class Handler(QuietHandler):
        def do_GET(self):  # noqa: N802
            time.sleep(after_s)
            if seen is not None:
                seen.append(self.path)
            self.answer(status, content, headers)

        def do_POST(self):  # noqa: N802
            if seen is not None:
                seen.append(self.rfile.read(int(self.headers["content-length"])))
            self.answer(status, content, headers)

    return Loopback(Handler)


async def test_a_change_between_reading_and_setting_is_refused_by_the_interface(rig):
    """The alias is set back by others to what it was: its value is the same, its ETag is not."""
    undo, held = await rig.backend.snapshot(), rig.backend.held

    async def too_late():
        seen = await held()
        if not rig.puts:
            rig.revision += 1
            rig.puts.append("theirs")
        return seen

    object.__setattr__(rig.backend, "held", too_late)
    await rig.backend.change(rig.new, undo)
    assert rig.puts == ["theirs", rig.new]  # refused once, compared anew, set


async def test_an_interface_that_always_moves_on_is_given_up(rig):
    undo, held = await rig.backend.snapshot(), rig.backend.held

    async def too_late():
        seen = await held()
        rig.revision += 1
        return seen

    object.__setattr__(rig.backend, "held", too_late)
    with pytest.raises(ComponentError, match="changed by others at each of 5 tries"):
        await rig.backend.change(rig.new, undo)
    assert rig.value == rig.old


async def test_a_change_that_is_in_force_already_asks_for_nothing(rig):
    undo = await rig.backend.snapshot()
    await rig.backend.change(rig.new, undo)
    await rig.backend.change(rig.new, undo)
    assert rig.puts == [rig.new]


async def test_an_interface_that_says_yes_and_does_nothing_is_caught_by_verify():
    with answering(200, b'{"data": [{"model": "old"}]}') as server:
        backend = made(server.url)
        await backend.change("new", await backend.snapshot())
        said = await backend.verify("new")
    assert said == f"data.0.model of {server.url}/a is old, not new"


async def test_its_own_revert_and_verify_are_used_where_they_are_stated():
    seen: list[object] = []
    with answering(200, b'{"data": [{"model": "new"}], "live": "old"}', seen=seen) as server:
        backend = made(
            server.url,
            revert={"path": "/undo", "json": {"from": "{{before}}", "back_to": "{{to}}"}},
            verify={"path": "/live", "value": "live"},
        )
        await backend.revert({"value": "old"}, "new")
        assert await backend.verify("old") == ""
        assert seen[-1] == "/live"
    assert json.loads(seen[1]) == {"from": "new", "back_to": "old"}


async def test_a_value_that_is_no_text_stays_what_it_is():
    seen: list[object] = []
    with answering(200, b'{"data": [{"model": 3}]}', seen=seen) as server:
        backend = made(server.url)
        undo = await backend.snapshot()
        assert undo == {"value": 3}
        await backend.change(4, undo)
    assert json.loads(seen[-1]) == {"model": 4}


async def test_a_name_in_a_path_cannot_leave_it():
    seen: list[str] = []
    with answering(404, seen=seen) as server:
        backend = made(server.url, ready={"path": "/models/{{to}}"})
        assert await backend.ready("../admin?x=1#y") != ""
    assert seen == ["/models/..%2Fadmin%3Fx%3D1%23y"]


async def test_who_answered_for_another_model_is_no_standby():
    with answering(200, b'{"model": "heron-4-2026-09"}') as server:
        backend = made(server.url, ready={"path": "/m", "value": "model"})
        said = await backend.ready("heron-4-2026-08")
    assert said == "heron-4-2026-08 is not to be had: heron-4-2026-09 answered"


@pytest.mark.parametrize(
    ("status", "content", "error", "said"),
    [
        (401, b"no entry", ComponentError, "answers GET with 401: no entry"),
        (503, b"", ComponentUnreachableError, "answers GET with 503: nothing"),
        (200, b"<html>", ComponentError, "does not answer with JSON: <html>"),
        (200, b'{"data": []}', ComponentError, "answers without data.0.model"),
        (200, b"x" * (BYTES_MAX + 1), ComponentError, "answers with more than 1,000,000 bytes"),
    ],
    ids=["unknown", "unavailable", "not JSON", "nothing there", "too much"],
)
async def test_an_answer_that_is_none_is_said_in_one_sentence(status, content, error, said):
    with answering(status, content) as server, pytest.raises(error) as told:
        await made(server.url).read()
    assert type(told.value) is error
    assert told.value.sentence.startswith(f"{server.url}/a {said}")


async def test_an_interface_that_hangs_is_not_waited_for():
    with answering(after_s=5) as server, pytest.raises(ComponentUnreachableError) as told:
        await made(server.url).read()
    assert told.value.sentence == f"{server.url}/a does not answer GET: nothing within 0.3 s"


async def test_no_secret_is_told_whoever_wrote_it(tmp_path):
    (tmp_path / "key").write_text(SECRET)
    with answering(400, f"{SECRET} and {SECRET} are wrong".encode()) as server:
        backend = made(
            server.url,
            secret="file:key",
            read={"path": "/{{secret}}/a?key={{secret}}", "value": "x"},
        ).beside(tmp_path)
        with pytest.raises(ComponentError) as told:
            await backend.read()
    assert told.value.sentence == (
        f"{server.url}/[secret]/a answers GET with 400: [secret] and [secret] are wrong"
    )
    assert SECRET not in repr(backend)


async def test_a_secret_that_is_not_there_is_said(tmp_path):
    backend = made("http://127.0.0.1:1", secret="file:gone").beside(tmp_path)
    with pytest.raises(ComponentError, match="the secret file:gone is not there"):
        await backend.read()


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("backend: http", "backend: htp", "16:14", "unknown backend 'htp'; did you mean 'http'?"),
        ("value: model", "valeu: model", "20:26", "unknown key 'valeu'; did you mean 'value'?"),
        ("{{to}}", "{{too}}", "16:5", "change: unknown {{too}}; expected one of before, etag"),
        ("{{to}}", "x", "16:5", "change: {{to}} is nowhere in it, so it would set nothing"),
        ("{{to}}", "{{to}}{{etag}}", "16:5", "change: {{etag}} needs read.etag, which says where"),
        ("{{to}}", "{{to}}{{secret}}", "16:5", "change: {{secret}} needs secret, which says where"),
    ],
)
def test_a_target_file_that_is_wrong_is_pointed_at(tmp_path, old, new, place, said):
    path = tmp_path / "gameday.yaml"
    path.write_text(TARGET + SETTINGS.replace(old, new))
    with pytest.raises(FileError) as told:
        load_target(path)
    assert told.value.sentence.startswith(f"{path}:{place}")
    assert said in told.value.sentence


def test_what_a_target_declares_is_made_beside_it(tmp_path):
    path = tmp_path / "gameday.yaml"
    path.write_text(TARGET + SETTINGS)
    assert load_target(path).components["model"].previous == "heron-4-2026-08"
    model = load_components(path)["model"]
    assert model.read_request.path == "/alias"
    assert model != made(model.url)
    assert model == load_components(path)["model"]
    assert model != load_components(path)["model"].beside(tmp_path.parent)


WHO = {"path": "/a", "value": "model", "by": "set.by", "changed_at": "set.at"}


@pytest.mark.parametrize(
    ("told", "by", "at"),
    [
        ({"by": "eva", "at": "2026-11-29T10:00:00+01:00"}, "eva", "2026-11-29T10:00:00+01:00"),
        ({"by": 7, "at": "2026-11-29T10:00:00"}, "7", "2026-11-29T10:00:00+00:00"),
        ({"by": None, "at": "yesterday"}, "", None),
        ({}, "", None),
    ],
)
async def test_who_set_it_and_when_is_read_where_the_answer_has_it(told, by, at):
    with answering(content=json.dumps({"model": "m", "set": told}).encode()) as server:
        read = await made(server.url, read=WHO).read()
    assert (read.label, read.by) == ("m", by)
    assert (read.changed_at.isoformat() if read.changed_at else None) == at


async def test_it_may_be_in_a_header():
    who = WHO | {"by": {"header": "x-by"}, "changed_at": {"header": "x-at"}}
    headers = {"x-by": "eva", "x-at": "2026-11-29T10:00:00Z"}
    with answering(content=b'{"model": "m"}', headers=headers) as server:
        read = await made(server.url, read=who).read()
    assert (read.by, read.changed_at.hour) == ("eva", 10)
