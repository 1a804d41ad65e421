"""`gameday watch`: whether a system still answers as it was recorded, asked a little all day."""

import asyncio
import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from activities.hooks import require_hook
from activities.look import Watched, look
from activities.tell import folder_of, gauges_file, tell
from gameday.catalog.files import load_target
from gameday.cli.options import (
    DEFAULT_STATE,
    DEFAULT_TARGET,
    AsJson,
    EnvironmentName,
    StateFolder,
    TargetFile,
    Who,
    me,
)
from gameday.cli.planning import choose_environment
from gameday.cli.session import attached_session
from gameday.domain.errors import FileError, RefusedError
from gameday.domain.standing import Standing
from gameday.domain.verdict import ExitCode
from gameday.domain.watch import Watch
from gameday.domain.watch_cost import most_requests
from gameday.reporting.watched import (
    Facts,
    cost_line,
    hook_line,
    read_facts,
    status_document,
    status_lines,
)
from gameday.store.references import References
from gameday.store.watches import Watches
from gameday.supervisor.schedules import apply_schedule, end_schedule, scheduled
from gameday.supervisor.stack import running_stack
from gameday.supervisor.temporal import names_destination

_BUSY = 0.5  # of the time between two ticks that asking may take
_NOTICES_SHOWN = 20

Every = Annotated[str | None, typer.Option(help="Time from tick to tick, e.g. 1h.")]
WatchName = Annotated[
    str | None, typer.Argument(help="Which one, as TARGET.ENVIRONMENT; may be left out for one.")
]


def plan(
    target: TargetFile = DEFAULT_TARGET,
    environment: EnvironmentName = None,
    every: Every = None,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
) -> None:
    """Show what a watch would ask, and what it would cost in a day. Asks nothing.

    Example:  gameday watch plan --every 1h
    """
    facts = read_facts(Watches(state), _wanted(_file(target, state), environment, every, me()))
    if as_json:
        print(json.dumps(_plan_document(facts), indent=2))
        return
    for line in _plan_lines(facts):
        print(line)


def start(
    target: TargetFile = DEFAULT_TARGET,
    environment: EnvironmentName = None,
    every: Every = None,
    who: Who = None,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
) -> None:
    """Watch a system from now on, or change how it is watched. Breaks nothing.

    Example:  gameday watch start --every 1h
    """
    session, watches = attached_session(state), Watches(state)
    watch = _wanted(session.target_file(target), environment, every, who or me())
    _require_ready(watch, state)
    watches.put(watch)

    async def apply() -> None:
        await apply_schedule(await session.temporal(), watch, watches.ledger.place)

    asyncio.run(apply())
    facts = read_facts(watches, watch)
    if as_json:
        print(json.dumps(_plan_document(facts), indent=2))
        return
    for line in (
        *_plan_lines(facts),
        f"  started     look with  gameday watch status {watch.name}",
    ):
        print(line)


def stop(
    name: WatchName = None, as_json: AsJson = False, state: StateFolder = DEFAULT_STATE
) -> None:
    """Watch no longer. What was seen is kept, and a later start goes on from it.

    Example:  gameday watch stop
    """
    session = attached_session(state)
    watch = _one(Watches(state), name)

    async def end() -> bool:
        return await end_schedule(await session.temporal(), watch.name)

    ended = asyncio.run(end())
    if as_json:
        print(json.dumps({"watch": watch.name, "stopped": ended}))
        return
    print(f"{watch.name} is watched no longer" if ended else f"{watch.name} was not being watched")


def status(
    name: WatchName = None, as_json: AsJson = False, state: StateFolder = DEFAULT_STATE
) -> None:
    """Show what a watch says, what it rests on, and what it costs in a day. Needs no worker.

    Example:  gameday watch status
    """
    watches = Watches(state)
    chosen = [watches.get(name)] if name else watches.all()
    rows = [(read_facts(watches, one), asyncio.run(_ticks_when(one, state))) for one in chosen]
    if as_json:
        documents = [{**_status(watches, facts), "schedule": when} for facts, when in rows]
        print(json.dumps({"watches": documents}, indent=2, default=str))
        return
    if not rows:
        print("nothing is watched; begin with  gameday watch start")
    for facts, when in rows:
        lines = status_lines(facts, watches.notices(facts.watch.name, _NOTICES_SHOWN))
        for line in (*lines, f"  schedule    {when}", f"  gauges      {_gauges(state, facts)}"):
            print(line)


def once(
    target: TargetFile = DEFAULT_TARGET,
    environment: EnvironmentName = None,
    every: Every = None,
    who: Who = None,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
) -> None:
    """Make one tick now, here and without Temporal: for another scheduler, or to try it.

    Example:  gameday watch once

    Exit codes: 0 no alarm, 1 changed or outside, 3 it could not be asked or compared.
    """
    watches = Watches(state)
    watch = _wanted(_file(target, state), environment, every, who or me())
    _require_ready(watch, state)
    watches.put(watch)
    tick = f"once-{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}-{secrets.token_hex(3)}"
    standing = asyncio.run(_tick(state, watch, tick))
    facts = read_facts(watches, watch)
    if as_json:
        print(json.dumps(_status(watches, facts), indent=2, default=str))
    else:
        for line in status_lines(facts, watches.notices(watch.name, _NOTICES_SHOWN)):
            print(line)
    raise typer.Exit(_exit_code(standing))


async def _tick(state: Path, watch: Watch, tick: str) -> Standing:
    standing = await look(state, watch, tick)
    await tell(state, watch)  # why it was not told is in the status
    return standing


def _exit_code(standing: Standing) -> ExitCode:
    if standing.alarmed:
        return ExitCode.FAILED
    return ExitCode.INCONCLUSIVE if standing.problem else ExitCode.PASSED


def _file(named: Path, state: Path) -> Path:
    """The target file that a running lab wrote, else the named one."""
    running = running_stack(state)
    return Path(running.target_file) if running and running.lab else named


def _wanted(file: Path, environment: str | None, every: str | None, who: str) -> Watch:
    """The watch that the target file describes. Raises FileError."""
    described = load_target(file)
    settings = described.watch.model_dump()
    if every is not None:
        settings["every"] = every
    try:
        return Watch(
            **settings,
            target=described.target,
            environment=choose_environment(described, environment, file),
            target_file=str(file.resolve()),
            started_by=who,
        )
    except ValidationError as error:
        told = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise FileError(f"--every: {told}", next_step="for example --every 1h") from error


def _require_ready(watch: Watch, state: Path) -> None:
    """Raises GamedayError where ticks could tell nothing, or would not end before the next."""
    watched = Watched.read(watch, References(state))
    require_hook(watch.hook, folder_of(watch))
    requests = most_requests(watch, [len(case.asked) for case in watched.suite.cases])
    if requests / watch.rate > _BUSY * watch.every:
        raise RefusedError(
            f"one tick asks up to {requests} requests at {watch.rate:g}/s, which takes "
            f"{requests / watch.rate:g} s of the {watch.every:g} s to the next",
            next_step="ask less with --probes and --part, or faster with --rate",
        )


def _one(watches: Watches, name: str | None) -> Watch:
    """The named one, or the only one. Raises FileError."""
    if name:
        return watches.get(name)
    every = watches.all()
    if len(every) != 1:
        known = ", ".join(one.name for one in every) or "none"
        raise FileError(f"which watch? here are: {known}", next_step="gameday watch status")
    return every[0]


async def _ticks_when(watch: Watch, state: Path) -> str:
    """When it ticks next, as Temporal says; or that it does not, or that nobody can be asked."""
    if running_stack(state) is None and not names_destination():
        return "no Temporal runs here, and none is named, so it does not tick by itself"
    described = await scheduled(await attached_session(state).temporal(), watch.name)
    if described is None:
        return "it does not tick by itself; gameday watch start"
    times = described.info.next_action_times
    paused = described.schedule.state.paused
    return "paused in Temporal" if paused else f"next tick {times[0]:%Y-%m-%d %H:%M:%S} UTC"


def _status(watches: Watches, facts: Facts) -> dict[str, Any]:
    return status_document(facts, watches.notices(facts.watch.name, _NOTICES_SHOWN))


def _gauges(state: Path, facts: Facts) -> str:
    file = gauges_file(state, facts.watch)
    return str(file) if file.exists() else "written at the first tick"


def _plan_document(facts: Facts) -> dict[str, Any]:
    spent = facts.spending
    return {
        "watch": facts.watch.name,
        "settings": facts.watch.model_dump(mode="json"),
        "alarm_from": 1 / facts.watch.detect("changed").alpha_each,
        "requests_a_tick_max": most_requests(facts.watch, facts.turns),
        "a_day": spent.model_dump(mode="json") if spent else None,
    }


def _plan_lines(facts: Facts) -> Sequence[str]:
    watch, cases = facts.watch, len(facts.turns)
    asked = (
        f"every {watch.every:g} s: {min(watch.probes, cases)} probes, and "
        f"{min(watch.part, cases)} of {cases} cases in rotation"
    )
    alarm = (
        f"a change of more than {100 * watch.tolerance:g} % of the answers; an alarm from "
        f"evidence {1 / watch.detect('changed').alpha_each:,.0f} to 1 on"
    )
    return (
        f"{watch.name}   {asked}",
        f"  changed?    {alarm}: {watch.chance}",
        f"  envelope    the mean quality may fall by {100 * watch.margin:g} points",
        f"  cost        {cost_line(facts.spending)}",
        f"  hook        {hook_line(watch)}",
    )
