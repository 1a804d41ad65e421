"""Preflight against a real gate: a marked request must get through to it, with its mark."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from gameday.catalog.suite_files import load_suite
from gameday.domain.errors import InjectorRefusedError
from gameday.evidence.key import key_id, own_key
from gameday.injector.health import Health
from tests.activities import preflight_rig
from tests.activities.gate_stand_in import GateStandIn, call
from tests.activities.preflight_rig import gate_and_injector, gate_line, listener_url, preflight
from tests.activities.small_gateway import Provider, SmallGateway

HEADER = {"header": "x-gameday"}
BODY = {"body": "metadata.gameday"}
_SLOW_S = 1.5


@pytest.fixture(scope="module")
def stand(tmp_path_factory):
    """A provider, the gate before it, and the injector beside."""
    with (
        Provider() as provider,
        gate_and_injector(tmp_path_factory.mktemp("gate"), provider.url) as (gate, injector),
    ):
        yield provider, gate, injector


@pytest.fixture
def line(stand, tmp_path):
    """The line about gate and marker, with a gateway of a few lines before the gate."""
    provider, gate, injector = stand

    async def ask(*, scope, marker, around_the_gate=False, **gateway):
        upstream = provider.url if around_the_gate else listener_url(gate)
        with SmallGateway(upstream, **gateway) as door:
            return await gate_line(tmp_path, injector, f"{door.url}/v1", scope=scope, marker=marker)

    return ask


async def test_a_gateway_that_drops_the_marker_is_refused_with_the_reason(line):
    said = await line(scope="marked", marker=HEADER)
    assert not said.ok
    assert said.sentence == (
        "the gate saw the preflight's request without its mark: the header x-gameday is dropped "
        "on the way to the providers; let the gateway pass it on, or choose marker body or key"
    )


async def test_a_gateway_that_passes_it_on_is_let_through(line):
    said = await line(scope="marked", marker=HEADER, passes=["x-gameday"])
    assert said.ok
    assert said.sentence == "the gate saw the preflight's request at primary, with its mark"


async def test_a_mark_in_the_body_survives_a_gateway_that_drops_headers(line):
    assert (await line(scope="marked", marker=BODY)).ok


async def test_a_key_of_its_own_is_known_by_what_the_provider_is_asked_with(line, monkeypatch):
    monkeypatch.setenv("DRILL_KEY", "front-door-key")
    monkeypatch.setenv("PROVIDER_KEY", "provider-key")
    marker = {"key": "env:DRILL_KEY", "key_at_provider": "env:PROVIDER_KEY"}
    assert (await line(scope="marked", marker=marker, key="provider-key")).ok
    said = await line(scope="marked", marker=marker, key="everybodys-key")
    assert not said.ok
    assert "the providers are asked with another key" in said.sentence


@pytest.mark.parametrize("scope", ["marked", "all"])
async def test_a_system_that_does_not_use_the_gate_is_refused_with_another_reason(line, scope):
    said = await line(scope=scope, marker=HEADER, passes=["x-gameday"], around_the_gate=True)
    assert not said.ok
    assert "the gate saw no request at all" in said.sentence
    assert "primary at listener primary" in said.sentence


@pytest.mark.parametrize(("scope", "marker"), [("all", None), ("all", HEADER), ("share", HEADER)])
async def test_a_fault_for_all_needs_to_be_seen_and_not_to_be_marked(line, scope, marker):
    said = await line(scope=scope, marker=marker)
    assert said.ok
    assert "without a mark" in said.sentence


async def test_the_preflights_request_is_marked_and_unfaulted(line, stand):
    provider, gate, _ = stand
    await line(scope="marked", marker=HEADER, passes=["x-gameday"])
    run_id, _, request_id = provider.asked[-1]["x-gameday"].partition(".")
    assert run_id.startswith("RUN")
    assert request_id.startswith("gd-")
    assert gate.rules() == []


class Injector(GateStandIn):
    """Says yes to everything but gates, where a test says so; its gate has seen a marked call."""

    url = "http://injector"

    async def calls(self, run_id):
        return [call("primary", run_id=run_id)]

    async def health(self):
        return Health(version="1", uptime_s=1, stopped=False, policy="p", toxiproxy=True,
                      armed=0, stuck=0)  # fmt: skip

    async def check(self, injection):
        self.checked = injection
        return ""


async def test_an_injector_without_a_gate_refuses_in_its_own_words(tmp_path):
    none = InjectorRefusedError("this injector drives no gate")
    stand_in = Injector(failures=[none])
    with SmallGateway("http://127.0.0.1:1") as door:
        report = await preflight(
            tmp_path, "http://x", f"{door.url}/v1", scope="marked", marker=HEADER,
            make=lambda _: stand_in,
        )  # fmt: skip
    assert "this injector drives no gate" in report.refusal


async def test_the_injector_is_asked_with_the_marker_filled_in_and_the_door_asked_once(tmp_path):
    stand_in = Injector()
    with Provider() as provider, SmallGateway(provider.url) as door:
        report = await preflight(
            tmp_path, "http://x", f"{door.url}/v1", scope="marked", marker=HEADER,
            make=lambda _: stand_in,
        )  # fmt: skip
    assert report.refusal == ""
    assert stand_in.checked.marker.header == "x-gameday"
    assert len(provider.asked) == 1


async def test_a_suite_that_takes_long_to_read_does_not_hold_up_the_beats(tmp_path, monkeypatch):
    def slowly(path):
        time.sleep(_SLOW_S)
        return load_suite(path)

    monkeypatch.setattr("activities.preflight.load_suite", slowly)
    longest_s, last = 0.0, time.monotonic()

    async def beat():
        nonlocal longest_s, last
        while True:
            now = time.monotonic()
            longest_s, last = max(longest_s, now - last), now
            await asyncio.sleep(0.01)

    beating = asyncio.create_task(beat())
    with Provider() as provider, SmallGateway(provider.url) as door:
        report = await preflight(
            tmp_path, "http://x", f"{door.url}/v1", scope="marked", marker=HEADER,
            make=lambda _: Injector(),
        )  # fmt: skip
    beating.cancel()
    assert report.refusal == ""
    assert longest_s < _SLOW_S  # had the loop stood still meanwhile, a beat would be as late


@pytest.mark.parametrize("there", [True, False])
async def test_a_named_signing_key_must_be_there_before_anything_is_touched(
    there, tmp_path, monkeypatch
):
    key = own_key(tmp_path)
    if there:
        monkeypatch.setenv("REPORTER_KEY", (tmp_path / "reporter" / "key.pem").read_text())
    with Provider() as provider, SmallGateway(provider.url) as door:
        report = await preflight(
            tmp_path, "http://x", f"{door.url}/v1", scope="marked", marker=HEADER,
            make=lambda _: Injector(), evidence={"signing_key": "env:REPORTER_KEY"},
        )  # fmt: skip
    line = next(line for line in report.lines if line.name == "signing key")
    assert line.ok is there
    assert (key_id(key.public_key()) in line.sentence) is there
    assert report.refusal == ("" if there else "the secret env:REPORTER_KEY is not there")


@pytest.mark.parametrize("days", [0, 2])
async def test_no_drill_begins_in_a_freeze_of_its_target(days, tmp_path):
    day = (datetime.now(UTC) + timedelta(days=days)).date()
    freeze = {"from": day, "to": day + timedelta(days=9), "reason": "the big sale"}
    with Provider() as provider, SmallGateway(provider.url) as door:
        report = await preflight(
            tmp_path, "http://x", f"{door.url}/v1", scope="marked", marker=HEADER,
            make=lambda _: Injector(), freezes=[freeze],
        )  # fmt: skip
    line = next(line for line in report.lines if line.name == "freeze")
    assert line.ok is bool(days)
    refusal = f"a freeze is on for lab: {day} to {day + timedelta(days=9)}: the big sale"
    assert report.refusal == ("" if days else refusal)


async def test_cases_that_nobody_has_looked_at_are_counted_and_refuse_nothing(
    tmp_path, monkeypatch
):
    proposed = (
        '\n  - {case: two, question: "Why?", needs_person: not said, scorers: [{kind: pii}]}\n'
    )
    monkeypatch.setattr(preflight_rig, "SUITE", preflight_rig.SUITE.rstrip() + proposed)
    with Provider() as provider, SmallGateway(provider.url) as door:
        report = await preflight(
            tmp_path, "http://x", f"{door.url}/v1", scope="marked", marker=HEADER,
            make=lambda _: Injector(),
        )  # fmt: skip
    assert report.refusal == ""
    said = {line.name: line.sentence for line in report.lines}
    assert said["suite"] == (
        "suite support: 2 cases, 1 of them scored by their form alone: see needs_person"
    )
    assert said["ledger"] == "the target declares no components"
