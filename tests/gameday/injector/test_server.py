"""The HTTP door: who gets in, which status says no, and that no answer holds a secret."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from gameday.domain.lease import ClearedBy
from gameday.domain.record import Event
from gameday.injector.drivers import Drivers
from gameday.injector.prover import Prover
from gameday.injector.server import Door
from tests.gameday.injector.bench import Bench
from tests.gameday.injector.rig import injection
from tests.gameday.injector.test_acts import order

TOKEN = "s3cret-token"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
async def http(bench: Bench, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    drivers = Drivers("", ())
    drivers.toxiproxy = bench.port
    prover = Prover(bench.keeper.admission.policy, tmp_path)
    app = Door(bench.keeper, bench.acts, drivers, prover, TOKEN, began_s=0.0).app()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://injector",
        headers={"authorization": f"Bearer {TOKEN}"},
    ) as client:
        yield client


def body(*arguments, **changes) -> dict:
    return injection(*arguments, **changes).model_dump(mode="json")


def asked(**changes) -> dict:
    return order(**changes).model_dump(mode="json")


ROUTES = [
    ("PUT", "/faults/f1"),
    ("GET", "/faults/f1"),
    ("DELETE", "/faults/f1"),
    ("POST", "/faults/f1/renew"),
    ("GET", "/faults"),
    ("POST", "/check"),
    ("GET", "/acts"),
    ("PUT", "/acts/a1"),
    ("GET", "/acts/a1"),
    ("POST", "/acts/a1/verify"),
    ("POST", "/acts/a1/undo"),
    ("POST", "/acts/check"),
    ("POST", "/stop"),
    ("POST", "/resume"),
    ("POST", "/approvals"),
    ("GET", "/approvals/d"),
    ("GET", "/journal"),
    ("PUT", "/watches/RUN1"),
    ("GET", "/watches/RUN1"),
    ("DELETE", "/watches/RUN1"),
    ("GET", "/watches/RUN1/calls"),
]


@pytest.mark.parametrize(("method", "where"), ROUTES)
@pytest.mark.parametrize("given", ["", "Bearer wrong", f"Basic {TOKEN}", "Bearer \xe9"])
async def test_without_the_token_nothing_happens(
    http: httpx.AsyncClient, bench: Bench, method: str, where: str, given: str
):
    answer = await http.request(
        method, where, headers={"authorization": given.encode("latin-1")}, json=body()
    )
    assert answer.status_code == 401
    assert set(answer.json()) == {"error", "next"}
    assert bench.port.is_clean("primary")
    assert not bench.keeper.stopped


async def test_health_needs_no_token_and_tells_no_secret(http: httpx.AsyncClient, bench: Bench):
    await http.put("/faults/f1", json=body())
    bench.port.dead = True
    answer = await http.get("/health", headers={"authorization": ""})
    assert answer.status_code == 200
    health = answer.json()
    assert (health["armed"], health["stuck"], health["stopped"]) == (1, 0, False)
    assert (health["toxiproxy"], health["policy"]) == (False, "tests")
    assert TOKEN not in answer.text


async def test_a_whole_life(http: httpx.AsyncClient):
    armed = (await http.put("/faults/f1", json=body())).json()
    assert armed["state"] == "armed"
    assert (await http.get("/faults/f1")).json()["evidence"]["dial"] == "refused"
    assert (await http.post("/faults/f1/renew")).json()["state"] == "armed"
    assert [fault["id"] for fault in (await http.get("/faults")).json()] == ["f1"]
    assert (await http.get("/faults", params={"run_id": "OTHER"})).json() == []
    gone = await http.delete("/faults/f1", params={"by": "guardian"})
    assert (gone.status_code, gone.json()["cleared_by"]) == (200, "guardian")
    assert (await http.delete("/faults/f1", params={"by": "restore"})).json() == gone.json()
    assert (await http.put("/faults/f1", json=body())).status_code == 409


@pytest.mark.parametrize(
    ("method", "where", "sent", "status", "says"),
    [
        ("PUT", "/faults/f1", body(target="other"), 403, "no rule that allows"),
        ("PUT", "/faults/f1", body("no_such"), 422, "unknown fault"),
        ("PUT", "/faults/f1", {"run_id": "R"}, 422, "not a valid injection"),
        ("PUT", "/faults/f1", {**body(), "more": 1}, 422, "more"),
        ("PUT", "/faults/f1", {**body(), "lease_s": -1}, 422, "lease_s"),
        ("PUT", "/faults/f1", {**body(), "run_id": "x" * 70_000}, 422, "over 65536 bytes"),
        ("PUT", "/faults/..%2Freset", body(), 404, "Not Found"),
        ("PUT", "/faults/a b", body(), 422, "an id is 1 to 101"),
        ("PUT", "/faults/f1", body(proxy="tertiary"), 409, "no proxy 'tertiary'"),
        ("GET", "/faults/f1", None, 404, "no fault f1"),
        ("POST", "/faults/f1/renew", None, 404, "no fault f1"),
        ("DELETE", "/faults/f1?by=magic", None, 422, "magic"),
        ("POST", "/approvals", {"by": "ann"}, 422, "statement"),
        ("POST", "/approvals", {"statement": {"says": "approve", "digest": "d"}}, 403, "whose"),
        ("GET", "/approvals/d?within_s=soon", None, 422, "'soon' is no number"),
        ("POST", "/check", [], 422, "not a valid injection"),
        ("PUT", "/acts/a1", asked(), 409, "knows no component lab/model"),
        ("PUT", "/acts/a1", asked(target="other"), 403, "no rule under respond"),
        ("PUT", "/acts/a1", asked(mode="dry_run"), 422, "its steps do not stay"),
        ("PUT", "/acts/a1", {**asked(), "step": {"step": "x"}}, 422, "is no step of the proposal"),
        ("PUT", "/acts/a1", {"step": {"step": "pin_model"}}, 422, "not a valid actorder: proposal"),
        ("GET", "/acts/a1", None, 404, "no act a1"),
        ("POST", "/acts/a1/verify", None, 404, "no act a1"),
        ("POST", "/acts/a1/undo", None, 404, "no act a1"),
        ("PUT", "/watches/RUN1", {}, 409, "drives no gate"),
        ("GET", "/watches/RUN1", None, 409, "drives no gate"),
        ("GET", "/watches/RUN1/calls", None, 409, "drives no gate"),
        ("DELETE", "/watches/RUN1", None, 409, "drives no gate"),
        ("PUT", "/watches/RUN1", {"ttl_s": 0}, 422, "not a valid watchorder"),
    ],
)
async def test_a_no_has_its_status_and_its_sentence(
    http: httpx.AsyncClient, bench: Bench, method: str, where: str, sent, status: int, says: str
):
    answer = await http.request(method, where, json=sent)
    assert (answer.status_code, says in answer.text) == (status, True), answer.text
    assert bench.port.is_clean("primary")


async def test_toxiproxy_away_is_503_and_stuck_is_202(http: httpx.AsyncClient, bench: Bench):
    await http.put("/faults/f1", json=body())
    bench.port.dead = True
    assert (await http.put("/faults/f2", json=body(proxy="secondary"))).status_code == 503
    stuck = await http.delete("/faults/f1")
    assert (stuck.status_code, stuck.json()["state"]) == (202, "stuck")


async def test_check_touches_nothing(http: httpx.AsyncClient, bench: Bench):
    assert (await http.post("/check", json=body())).json() == {"refusal": ""}
    assert "no rule" in (await http.post("/check", json=body(target="x"))).json()["refusal"]
    assert not bench.keeper.faults()


async def test_stop_resume_and_approvals(http: httpx.AsyncClient):
    await http.put("/faults/f1", json=body())
    (record,) = (await http.post("/stop")).json()
    assert record["cleared_by"] == "stop"
    assert (await http.put("/faults/f2", json=body())).status_code == 409
    assert (await http.post("/resume")).json() == {"stopped": False}
    assert (await http.put("/faults/f2", json=body())).status_code == 200
    approval = {"statement": {"says": "approve", "digest": "d"}, "by": "ann"}
    for _ in range(2):
        assert (await http.post("/approvals", json=approval)).json()["by"] == "ann"
    heard = (await http.get("/approvals/d", params={"asked_by": "bob"})).json()
    assert (heard["approved_by"], heard["by_name_only"]) == (["ann"], True)


async def test_the_journal_tells_what_was_armed_and_cleared(http: httpx.AsyncClient, bench: Bench):
    await http.put("/faults/f1", json=body())
    await http.put("/faults/f2", json=body(proxy="secondary", run_id="OTHER"))
    await http.post("/faults/f1/renew")
    bench.port.dead = True
    await http.delete("/faults/f1")
    events = [Event.model_validate(e) for e in (await http.get("/journal?run_id=RUN1")).json()]
    assert [event.what for event in events] == ["armed", "stuck"]
    bench.port.dead = False
    await bench.pass_time(1)
    events = [Event.model_validate(e) for e in (await http.get("/journal?run_id=RUN1")).json()]
    assert [(e.author, e.seq, e.what) for e in events] == [
        ("injector", 0, "armed"),
        ("injector", 1, "cleared"),
    ]
    assert events[0].facts["renewals"] == 1
    assert events[1].facts["by"] == ClearedBy.RESTORE
    assert events[1].facts["evidence"]["dial"] == "refused"
