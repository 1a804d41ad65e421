"""Experiment and control in whole runs: what only the drill's users feel, and what everybody does.

The fault makes answers begin late for half of the users, always the same ones; the control group
asks at the same moments as users who are never touched. In a provider's bad hour, answers are late
for everybody. Nothing of this lab has a timeout, so that nobody falls back, and no state is shared.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gameday.domain.progress import Phase
from gameday.domain.verdict import Verdict
from gameday.supervisor.stack import Stack
from tests.kill.rig import HERE, Rig, a_stack, rig_of

LATE = str(HERE / "short-late-for-some.yaml")
LATE_MS = 2_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("patient")


@pytest.fixture(scope="module")
def patient(folder: Path) -> Iterator[Stack]:
    with a_stack(folder, defect="no_deadline") as running:
        yield running


@pytest.fixture
async def rig(patient: Stack, folder: Path) -> AsyncIterator[Rig]:
    made = await rig_of(patient, folder)
    await made.revive()
    yield made
    await made.mend()
    made.http.close()


@contextmanager
def a_bad_hour(rig: Rig) -> Iterator[None]:
    """Everything that the providers say comes late, whoever asks."""
    toxic = {"name": "bad-hour", "type": "latency", "attributes": {"latency": 3_000}}
    proxies = [
        f"{rig.state.toxiproxy_url}/proxies/{name}/toxics" for name in ("primary", "secondary")
    ]
    for proxy in proxies:
        rig.http.post(proxy, json=toxic).raise_for_status()
    try:
        yield
    finally:
        for proxy in proxies:
            rig.http.delete(f"{proxy}/bad-hour").raise_for_status()


async def test_what_only_the_users_in_the_share_feel_is_blamed_on_the_fault(rig: Rig):
    run = await rig.run(drill=LATE)
    result = await run.is_closed()
    assert result.verdict is Verdict.FAILED, result.reason
    [deadline] = result.checks
    assert deadline.held == "no"
    assert "control group" not in deadline.reason
    experiment, control = result.windows["faulted"], result.control["faulted"]
    assert control.n >= 0.8 * experiment.n
    assert control.latency_ms.p95 < experiment.latency_ms.p95
    # About half of the users were never touched, and all of the control group are of them.
    samples = run.folder.read_samples()
    late = {sample.user for sample in samples.experiment if sample.latency_ms > LATE_MS}
    spared = {sample.user for sample in samples - samples.experiment}
    assert late | spared == set(run.request.drill.load.user_names)
    assert not late & spared
    assert len(spared) == 9


async def test_what_only_marked_requests_feel_is_blamed_on_the_fault(rig: Rig):
    """The same load goes beside them without the mark, as nobody has said that it should not."""
    late = "{kind: slow_first_token, on: provider/primary, scope: marked, latency_ms: 3000}"
    run = await rig.run(f"faults=[{late}]", drill=LATE)
    result = await run.is_closed()
    assert result.verdict is Verdict.FAILED, result.reason
    samples = run.folder.read_samples()
    beside = samples - samples.experiment
    assert len(beside) == pytest.approx(len(samples.experiment), abs=3)
    assert {sample.user for sample in beside} == set(run.request.drill.load.user_names)
    met = (result.windows["faulted"], result.control["faulted"])
    assert [window.latency_ms.p50 > LATE_MS for window in met] == [True, False]


async def test_a_bad_hour_of_everybody_is_not_blamed_on_the_fault(rig: Rig):
    run = await rig.run(drill=LATE)
    await run.reaches(Phase.FAULTED)
    with a_bad_hour(rig):
        await run.reaches(Phase.RESTORE)
    result = await run.is_closed()
    assert result.verdict is Verdict.INCONCLUSIVE, result.reason
    [deadline] = result.checks
    assert deadline.held == "unknown"
    assert deadline.reason.startswith("the control group, which no fault touched, is as bad (")
    assert "so that the fault cannot be blamed: " in deadline.reason
    assert result.reason == deadline.reason
    assert result.faults[0].evidence.felt, "it was felt, and still is not to blame"
