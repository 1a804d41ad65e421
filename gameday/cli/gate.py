"""`gameday gate`: whether what is about to be deployed answers as it was recorded."""

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from activities.connections import resolve_front_door_secrets
from activities.fingerprints import read_components
from gameday.catalog.suite_files import suite_digest
from gameday.cli.asking import Asked, rate_of
from gameday.cli.options import (
    DEFAULT_RUNS,
    DEFAULT_STATE,
    DEFAULT_TARGET,
    AsJson,
    EnvironmentName,
    Lab,
    RunsFolder,
    StateFolder,
    TargetFile,
)
from gameday.cli.session import target_file
from gameday.domain.deploy_gate import Budget, DeployGate, budget
from gameday.domain.detection import Detect
from gameday.domain.errors import FileError, RefusedError
from gameday.domain.quantities import plain
from gameday.domain.reference import Reference
from gameday.probes.asking_all import ask_all
from gameday.reporting.deploy_gate import Gated, gate_document, gate_lines
from gameday.store.references import References, read_reference


def gate(
    suite: Annotated[
        Path | None, typer.Option(help="A suite's file; the target's unless said.")
    ] = None,
    target: TargetFile = DEFAULT_TARGET,
    environment: EnvironmentName = None,
    reference: Annotated[
        Path | None, typer.Option(help="A recording's file; the last one kept here unless said.")
    ] = None,
    requests: Annotated[int, typer.Option(min=1, help="How many to ask at the most.")] = 400,
    rate: Annotated[str, typer.Option(help="Requests a second or a minute.")] = "5/s",
    margin: Annotated[
        float, typer.Option(min=0.001, max=0.999, help="By how much the mean quality may fall.")
    ] = 0.10,
    alpha: Annotated[
        float, typer.Option(min=1e-6, max=0.2, help="Chance of a wrong verdict, over all of it.")
    ] = 0.01,
    tolerance: Annotated[
        float, typer.Option(min=0, max=0.5, help="A change of this share of answers is none.")
    ] = 0.05,
    lab: Lab = False,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Ask a system its suite, and say whether it is as good as recorded. For a deploy pipeline.

    Asks no more than it must: it ends as soon as the verdict is sure. Breaks nothing, changes
    nothing, records nothing.

    Example:  gameday gate --suite suites/support.yaml

    Exit codes: 0 INSIDE, 1 OUTSIDE, 2 bad file or usage, 3 UNDECIDED or not to be asked,
    6 nothing to compare with.
    """
    detect = Detect(alpha=alpha, margin=margin, tolerance=tolerance, by=("changed", "envelope"))
    with target_file(target, state, runs, lab=lab) as file:
        asked = Asked.read(file, environment, suite, rate_of(rate))
        recorded = _reference(asked, reference, References(state))
        gated = asyncio.run(_gate(asked, recorded, detect, _budget(asked, requests)))
    if as_json:
        print(json.dumps(gate_document(gated), indent=2))
    else:
        print("\n".join(gate_lines(gated)))
    raise typer.Exit(gated.findings.exit_code)


def _reference(asked: Asked, file: Path | None, references: References) -> Reference:
    """What is compared with. Raises RefusedError where nothing can be."""
    place, suite = f"{asked.target.target}/{asked.environment}", asked.suite.suite
    if file is None:
        recorded = references.last(asked.target.target, asked.environment, suite)
        if recorded is None:
            raise RefusedError(
                f"how {place} answers the suite {suite} was never recorded here",
                next_step="gameday record, or name a recording with --reference",
            )
    else:
        recorded = read_reference(file)
    if recorded.about.suite != suite:
        raise RefusedError(f"the recording is of the suite {recorded.about.suite}, not of {suite}")
    if why := recorded.why_not(suite_digest(asked.suite_file), datetime.now(UTC)):
        raise RefusedError(why, next_step="gameday record")
    return recorded


def _budget(asked: Asked, requests: int) -> Budget:
    found = budget(asked.turns, requests, asked.target.prices.values())
    if found is None:
        raise FileError(
            f"one round of the suite {asked.suite.suite} takes {sum(asked.turns)} requests, and "
            f"at most {requests} may be asked",
            next_step=f"--requests {sum(asked.turns)} or more, or a smaller --suite",
        )
    minutes = found.requests_max / asked.rate_per_s / 60
    price = "the target names no prices" if found.usd_max is None else f"${found.usd_max:,.4f}"
    _say(
        f"asking {asked.target.target}/{asked.environment} at most {found.requests_max:,} requests "
        f"({found.rounds} rounds of {len(asked.turns)} cases), at most {minutes:.1f} min at "
        f"{plain(asked.rate_per_s)}/s, at most {price}"
    )
    return found


async def _gate(asked: Asked, recorded: Reference, detect: Detect, most: Budget) -> Gated:
    components, unread = await read_components(asked.file)
    for name, why in unread.items():
        _say(f"  {name} is not known: {why}")
    secrets = resolve_front_door_secrets(asked.target.front_door, asked.target.synthetic)
    gate, left = DeployGate(recorded.before(), detect, most.requests_max), most.rounds
    while left and not gate.over:
        rounds = min(left, most.at_once)
        load = asked.load(rounds * most.round, recorded.pieces)
        gate.see(await ask_all(load, secrets, lambda _: None))
        left -= rounds
        _say(f"  {gate.findings.requests:,} of {most.requests_max:,} requests")
    place = f"{asked.target.target}/{asked.environment}"
    return Gated(place, recorded, detect, most, gate.findings, components)


def _say(line: str) -> None:
    """Progress is not the result."""
    print(line, file=sys.stderr, flush=True)
