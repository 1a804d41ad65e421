"""`gameday doctor`: what is reachable, what is missing, and what stays apart from real requests."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from gameday.catalog.files import load_target
from gameday.cli.fitness import Fitness, Place, fitness_of_drills, with_policy
from gameday.cli.looks import Look, Looks, Patient
from gameday.cli.options import (
    DEFAULT_RUNS,
    DEFAULT_STATE,
    DEFAULT_TARGET,
    AsJson,
    Defect,
    EnvironmentName,
    Lab,
    RunsFolder,
    StateFolder,
    TargetFile,
)
from gameday.cli.planning import choose_environment
from gameday.cli.screen import table
from gameday.cli.session import target_file
from gameday.domain.errors import GamedayError
from gameday.domain.isolation import Finding, IsolationProof
from gameday.domain.verdict import ExitCode
from gameday.probes.canaries import Lookout, prove_isolation
from gameday.sources.searches import Searcher
from gameday.store.isolation import IsolationProofs

_MARKS = {True: "yes", False: "no", None: "–"}


def doctor(
    target: TargetFile = DEFAULT_TARGET,
    environment: EnvironmentName = None,
    isolation: Annotated[
        bool,
        typer.Option("--isolation", help="Send marked requests, and look where they were kept."),
    ] = False,
    lab: Lab = False,
    defect: Defect = "",
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Say what is reachable and what is missing, and what each drill would need here.

    Asks the front door one synthetic question, and a few with --isolation. Breaks nothing.

    Example:  gameday doctor --target gameday.yaml

    Exit codes: 0 a drill can be run (or, with --isolation, nothing leaks), 6 not yet.
    """
    with target_file(target, state, runs, lab=lab or bool(defect), defect=defect) as file:
        described = load_target(file)
        chosen = choose_environment(described, environment, file)
        patient = Patient(file, described, chosen, state)
        look = _isolation if isolation else _examine
        code = look(patient, as_json=as_json)
    raise typer.Exit(code)


def _examine(patient: Patient, *, as_json: bool) -> ExitCode:
    looks = asyncio.run(Looks(patient).all())
    by_name = {look.name: look for look in looks}
    drills = _drills(patient)
    if by_name["injector"].ok:
        drills = asyncio.run(_judged_by_policy(patient, drills))
    ready = any(not one.needs for one in drills)
    sound = all(look.ok is not False for look in looks)
    code = ExitCode.PASSED if ready and sound else ExitCode.REFUSED
    if as_json:
        document = {
            "target": patient.target.target,
            "environment": patient.environment,
            "looks": [asdict(look) for look in looks],
            "drills": [
                {"drill": one.drill, "command": one.command, "needs": list(map(asdict, one.needs))}
                for one in drills
            ],
            "exit_code": int(code),
        }
        print(json.dumps(document, indent=2))
        return code
    for line in _lines(patient, looks, drills):
        print(line)
    return code


def _drills(patient: Patient) -> list[Fitness]:
    """Without a suite nothing can be said of a drill; the look at the suite says why."""
    try:
        suite = patient.suite()
    except GamedayError:
        return []
    return fitness_of_drills(Place(patient.target, patient.environment, suite))


async def _judged_by_policy(patient: Patient, drills: list[Fitness]) -> list[Fitness]:
    return [await with_policy(one, patient.refusal) for one in drills]


def _lines(patient: Patient, looks: list[Look], drills: list[Fitness]) -> Iterator[str]:
    yield f"{patient.target.target}/{patient.environment}   {patient.target_file}\n"
    for look in looks:
        yield f"  {_MARKS[look.ok]:<4} {look.name:<11} {look.sentence}"
        if look.next_step:
            yield f"  {'':<16} next  {look.next_step}"
    yield f"\n{sum(not one.needs for one in drills)} of {len(drills)} drills can be run here"
    for one in drills:
        yield f"  {_MARKS[not one.needs]:<4} {one.drill if one.needs else one.command}"
        for need in one.needs:
            yield f"         {need.what}"
            yield f"           next  {need.next_step}"


def _isolation(patient: Patient, *, as_json: bool) -> ExitCode:
    proof = asyncio.run(_prove(patient))
    kept = IsolationProofs(patient.state).keep(proof)
    leaks = any(one.finding is Finding.LEAKED for one in proof.places)
    code = ExitCode.REFUSED if leaks or proof.acting else ExitCode.PASSED
    if as_json:
        document = {**proof.model_dump(mode="json"), "acting": proof.acting, "exit_code": int(code)}
        print(json.dumps(document, indent=2))
        return code
    print(f"{proof.target}/{proof.environment}   canary {proof.canary}\n")
    rows = [
        (
            f"  {one.finding}",
            one.name if one.name == one.place else f"{one.place}: {one.name}",
            one.sentence,
        )
        for one in proof.places
    ]
    for line in table(rows):
        print(line)
    print(f"\n{_conclusion(proof, leaks=leaks)}\n  kept  {kept}")
    return code


def _conclusion(proof: IsolationProof, *, leaks: bool) -> str:
    if proof.acting:
        return f"NOT ISOLATED   a synthetic request may act for real: {proof.acting}"
    if leaks:
        return "NOT ISOLATED   synthetic requests are kept beside real ones"
    unproven = [one.name for one in proof.places if one.finding is Finding.UNPROVEN]
    rest = f"; unproven, and so to be taken as not: {', '.join(unproven)}" if unproven else ""
    return f"ISOLATED where it was looked{rest}"


async def _prove(patient: Patient) -> IsolationProof:
    count = Searcher(patient.target_file.parent).count
    return await prove_isolation(
        Lookout(patient.target, patient.environment, patient.question(), patient.ask, count)
    )
