"""A window, watched as the worker does it, with a load and a gate that are told what to do."""

from datetime import UTC, datetime, timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.load import LoadActivities
from activities.messages import GateWatch, ObserveWindow
from activities.observe import ObserveActivities, _ended
from gameday.domain.drill import Windows
from gameday.domain.gate import Traffic
from gameday.probes.live import LiveWindow
from tests.activities.gate_stand_in import GateStandIn, unmarked, unreachable
from tests.gameday.checks.staged import ARMED_AT, sample


class Load:
    def beat(self):
        """Say nothing."""

    async def stop(self):
        """There is nothing to stop."""


class Moving(GateStandIn):
    """Others' calls go on at l1 until the second reading, and at l2 from then on."""

    async def watched(self, run_id):
        state = await super().watched(run_id)
        self.traffic = {"l1": unmarked(100), "l2": unmarked(300)}
        return state


def observed(stand_in, window, *, seconds=20.0, **watch):
    load = LoadActivities("1@host", client=None, injector=None)
    load._loads["RUN1"] = Load()
    activities = ObserveActivities(load, lambda _: stand_in)
    wanted = ObserveWindow(
        run_id="RUN1",
        folder="nowhere",
        window=window,
        windows=Windows(**dict.fromkeys(("baseline", "faulted", "recovered"), f"{seconds}s")),
        floor=datetime.now(UTC),
        home=None,
        watch=GateWatch(injector="x", gates={"primary": "l1", "secondary": "l2"}, **watch),
    )
    return ActivityEnvironment().run(activities.observe, wanted)


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


async def test_a_shift_of_others_traffic_ends_the_window_like_a_guard():
    stand_in = Moving({"l1": unmarked(100)})
    before = {"primary": unmarked(200), "secondary": Traffic()}
    seen = await observed(stand_in, "faulted", marked_at=("primary",), before=before)
    assert (seen.ended, seen.guard) == ("guard", "unmarked_shift above 0.15")
    assert seen.sentence.startswith(
        "unmarked traffic shifted: primary's share fell from 100 % of 200 calls to 0 % of 300"
    )
    assert seen.traffic["secondary"].unmarked == 300


async def test_the_baseline_carries_its_traffic_and_never_trips():
    seen = await observed(Moving({"l1": unmarked(100)}), "baseline", seconds=1.6)
    assert seen.ended == "time"
    assert seen.traffic["secondary"].unmarked == 300
    assert seen.notes == ()


async def test_a_gate_that_cannot_be_read_ends_no_window_and_is_noted():
    stand_in = GateStandIn(failures=[unreachable()] * 9)
    seen = await observed(stand_in, "faulted", seconds=0.5)
    assert seen.ended == "time"
    assert "the injector did not answer" in seen.notes[0]


@pytest.mark.parametrize(
    ("good", "rings", "after_s", "ended"),
    [
        (20, False, 1, "all_good"),
        (19, False, 1, ""),
        (20, True, 1, ""),  # an alert still rings: not all is good
        (20, True, 59, ""),
        (20, True, 60, "at_most"),  # and nobody waits for it for ever
        (19, False, 60, "at_most"),
    ],
)
def test_until_all_is_good_waits_for_alerts_too_and_at_most_so_long(good, rings, after_s, ended):
    until = {"until": "all_good", "at_most": "60s"}
    wanted = ObserveWindow(
        run_id="RUN1",
        folder="nowhere",
        window="recovered",
        windows=Windows(baseline="10s", faulted="10s", recovered=until),
        floor=ARMED_AT,
        home=None,
    )
    live = LiveWindow("recovered", ARMED_AT, home=None)
    live.take([sample(seq, ARMED_AT) for seq in range(good)])
    now = ARMED_AT + timedelta(seconds=after_s)
    assert _ended(wanted, live, now, rings=rings, noticed=False) == ended
    # During a response an alert may ring on: the fault is still there.
    windows = Windows(baseline="10s", faulted="10s", responded=until, recovered="10s")
    responding = wanted.model_copy(update={"window": "responded", "windows": windows})
    silent = _ended(wanted, live, now, rings=False, noticed=False)
    assert _ended(responding, live, now, rings=rings, noticed=False) == silent


@pytest.mark.parametrize(
    ("noticed", "after_s", "ended"),
    [(False, 59, ""), (False, 60, "at_most"), (True, 1, "detected"), (True, 60, "detected")],
)
def test_until_it_is_noticed_and_at_most_so_long(noticed, after_s, ended):
    until = {"until": "detected", "at_most": "60s"}
    wanted = ObserveWindow(
        run_id="RUN1",
        folder="nowhere",
        window="faulted",
        windows=Windows(baseline="10s", faulted=until, recovered="10s"),
        floor=ARMED_AT,
        home=None,
    )
    live = LiveWindow("faulted", ARMED_AT, home=None)
    now = ARMED_AT + timedelta(seconds=after_s)
    assert _ended(wanted, live, now, rings=False, noticed=noticed) == ended
