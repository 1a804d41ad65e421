"""One drill at a time in one place: of two that look at once exactly one goes on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from activities.others_there import Going, looks_at, no_other_drill
from gameday.cli.starting import start_run
from gameday.domain.errors import RefusedError
from gameday.domain.progress import Phase
from gameday.supervisor.programs import temporal_server
from tests.gameday.injector.rig import soon
from tests.gameday.reporting.runs import make_drill, make_request

BEGAN = datetime(2026, 11, 30, 14, tzinfo=UTC)
MINE = Going("MINE", "provider-outage", "lab", "lab", Phase.PREFLIGHT, BEGAN)
OTHER = replace(MINE, run_id="OTHER", phase=Phase.FAULTED, began_at=BEGAN - timedelta(minutes=1))
LATER = replace(OTHER, phase=Phase.PREFLIGHT, began_at=BEGAN + timedelta(seconds=1))
REQUEST = make_request("MINE", make_drill())


def seeing(*looks):
    """Each look sees the next of these; the last one stays."""
    left = list(looks)

    async def look():
        return list(left.pop(0) if len(left) > 1 else left[0])

    return look


async def test_alone_it_goes_on():
    assert await no_other_drill(REQUEST, seeing([MINE])) == "no other drill goes on in lab/lab"
    assert await no_other_drill(REQUEST, seeing([]))


@pytest.mark.parametrize(
    "phase", [Phase.PREFLIGHT, Phase.BASELINE, Phase.FAULTED, Phase.RESTORE, Phase.REPORT]
)
async def test_a_drill_that_goes_on_there_refuses_and_is_named(phase):
    with pytest.raises(RefusedError) as caught:
        await no_other_drill(REQUEST, seeing([MINE, replace(OTHER, phase=phase)]))
    assert caught.value.sentence == (
        "another drill goes on in lab/lab: provider-outage, run OTHER, begun 2026-11-30 13:59 UTC "
        f"and in phase {phase}; wait for it, or end it with  gameday abort OTHER"
    )


@pytest.mark.parametrize(
    "change",
    [{"target": "shop"}, {"environment": "staging"}, {"phase": Phase.PLAN}, {"phase": "approve"}],
    ids=lambda change: str(next(iter(change.values()))),
)
async def test_one_elsewhere_or_that_still_waits_for_its_approval_is_not_in_the_way(change):
    assert await no_other_drill(REQUEST, seeing([MINE, replace(OTHER, **change)]))


async def test_of_two_that_look_at_once_the_later_gives_way_and_the_first_waits_for_that():
    first = no_other_drill(REQUEST, seeing([MINE, LATER], [MINE]))
    assert await first == "no other drill goes on in lab/lab"
    theirs = make_request("OTHER", make_drill())
    with pytest.raises(RefusedError, match="run MINE"):
        await no_other_drill(theirs, seeing([MINE, LATER]))


async def test_one_that_looked_before_this_one_was_approved_is_not_overtaken():
    """The later one saw nobody in its way, and went on: then the first must not."""
    with pytest.raises(RefusedError, match="in phase baseline"):
        await no_other_drill(
            REQUEST, seeing([MINE, LATER], [MINE, replace(LATER, phase=Phase.BASELINE)])
        )


async def test_one_that_does_not_give_way_is_not_waited_for_for_ever():
    with pytest.raises(RefusedError, match="run OTHER"):
        await no_other_drill(REQUEST, seeing([MINE, LATER]), waits_s=0.0)


async def test_where_this_run_is_not_listed_yet_whoever_is_began_first():
    with pytest.raises(RefusedError, match="run OTHER"):
        await no_other_drill(REQUEST, seeing([LATER]))


async def test_temporal_lists_the_runs_that_were_started_and_have_not_ended():
    environment = await WorkflowEnvironment.start_local(
        data_converter=pydantic_data_converter,
        dev_server_existing_path=temporal_server(),
        dev_server_log_level="error",
    )
    async with environment:
        look = looks_at(environment.client)
        assert await look() == []
        handles = [
            await start_run(environment.client, make_request(run_id, make_drill()))
            for run_id in ("AAAA", "BBBB")
        ]

        async def both():
            found = await look()
            return found if len(found) == 2 else None

        found = await soon(both, "both runs in the list")
        assert {one.run_id for one in found} == {"AAAA", "BBBB"}
        assert {(one.target, one.environment, one.drill, one.phase) for one in found} == {
            ("lab", "lab", "provider-outage", Phase.PLAN)  # no worker has taken them up
        }
        await handles[0].terminate()

        async def one_left():
            found = await look()
            return found if len(found) == 1 else None

        assert (await soon(one_left, "one run in the list"))[0].run_id == "BBBB"
