"""`gameday suite`: suites made of what others wrote, and of what users ask."""

import json
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

import typer
from ruamel.yaml import YAML

from gameday.catalog.input_samples import read_inputs
from gameday.catalog.suite_files import load_suite
from gameday.cli.options import AsJson
from gameday.domain.errors import FileError, RefusedError
from gameday.domain.inputs import Stratum
from gameday.domain.proposing import Share, apart
from gameday.domain.suite import Entry, ScorerSpec, Suite
from gameday.reporting.proposed_suite import Proposal
from gameday.reporting.proposed_suite import propose as propose_suite
from gameday.store.input_redaction import INPUT_RULES

_STRATA_SHOWN = 12


def import_(
    file: Annotated[Path, typer.Argument(help="A promptfoo configuration, or a suite.")],
    out: Annotated[Path, typer.Option(help="Where to write the suite.")],
    force: Annotated[bool, typer.Option("--force", help="Write over what is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the cases of a promptfoo configuration as a suite, to be changed by hand.

    Example:  gameday suite import promptfooconfig.yaml --out suite.yaml
    """
    suite = load_suite(file)
    _write(suite, out, f"Imported from {file.name}.", force=force)
    if as_json:
        print(json.dumps({"suite": suite.suite, "cases": len(suite.cases), "file": str(out)}))
    else:
        print(f"{len(suite.cases)} cases in {out}; name it in the target file:  suite: {out.name}")


def propose(
    file: Annotated[
        Path, typer.Argument(help="Samples of what users ask, one JSON object a line.")
    ],
    out: Annotated[Path, typer.Option(help="Where to write the suite.")],
    like: Annotated[
        Path | None, typer.Option(help="The suite that the cases are to be added to.")
    ] = None,
    cases: Annotated[int, typer.Option(min=1, max=1000, help="How many at the most.")] = 20,
    seed: Annotated[int, typer.Option(help="Another one draws other inputs.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Write over what is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Propose cases of what users ask, so that the suite is asked the same mix. Redacts them.

    What a right answer is, a person must say. Names and addresses in the text are not found by any
    rule, so read every case before you keep it.

    Example:  gameday suite propose asked.jsonl --like suite.yaml --out proposed.yaml
    """
    before = load_suite(like) if like else None
    name = f"{before.suite if before else 'asked'}-proposed"
    made = propose_suite(read_inputs(file), before, name=name, wanted=cases, seed=seed)
    if made is None:
        raise RefusedError(
            f"nothing in {file} would bring the suite nearer to what users ask: it has their mix, "
            "or all of it is in the suite already",
            next_step="give other samples, or a suite to compare with by --like",
        )
    head = f"Proposed from {file.name}: read every case before you keep it."
    _write(made.suite, out, head, force=force)
    print(json.dumps(_proposal(made, out), indent=2) if as_json else _proposed(made, out))


def _proposed(made: Proposal, out: Path) -> str:
    before, after = apart(made.shares)
    count = len(made.suite.cases)
    taken = ", ".join(f"{count} {name}" for name, count in made.taken.items()) or "nothing"
    lines = [
        f"{count} case{'' if count == 1 else 's'} of {made.inputs:,} inputs in {out}",
        f"  apart from production   {before:.0%} before, {after:.0%} with these",
        *map(_stratum_line, list(made.shares.items())[:_STRATA_SHOWN]),
        f"  taken out    {taken} (rules {INPUT_RULES}); names and addresses are found by no rule",
        f"  left out     {made.alike} said what another one says, {made.too_long} are too long",
        f"  needs you    {count} of {count}: each says why under `needs_person`",
    ]
    return "\n".join(lines)


def _stratum_line(one: tuple[Stratum, Share]) -> str:
    kind, share = one
    cases = f"cases {share.before:.0%} -> {share.after:.0%}"
    return f"  {kind!s:<32} {share.production:>4.0%} of inputs, {cases}"


def _proposal(made: Proposal, out: Path) -> dict[str, Any]:
    before, after = apart(made.shares)
    return {
        "suite": made.suite.suite,
        "file": str(out),
        "cases": len(made.suite.cases),
        "inputs": made.inputs,
        "apart_before": round(before, 4),
        "apart_after": round(after, 4),
        "strata": [{**kind._asdict(), **one._asdict()} for kind, one in made.shares.items()],
        "taken_out": made.taken,
        "rules": INPUT_RULES,
        "alike": made.alike,
        "too_long": made.too_long,
        "needs_person": {case.case: case.needs_person for case in made.suite.cases},
    }


def _write(suite: Suite, out: Path, head: str, *, force: bool) -> None:
    """Raises FileError where there is something already."""
    if out.exists() and not force:
        raise FileError(f"{out} is there already", next_step="add --force, or another --out")
    out.write_text(f"# {head}\n{_written(suite)}", encoding="utf-8")
    load_suite(out)  # what was written is read back before anybody relies on it


def _written(suite: Suite) -> str:
    """The suite as YAML, flat as people write it."""
    cases = [_case(case.model_dump(exclude_defaults=True), case.scorers) for case in suite.cases]
    stream = StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 120
    yaml.allow_unicode = True
    yaml.representer.ignore_aliases = lambda *_: True  # a suite may have no anchors
    asked = suite.model_dump(include={"judge", "embedding"}, exclude_none=True)
    yaml.dump({"suite": suite.suite, **asked, "cases": cases}, stream)
    return stream.getvalue()


def _case(raw: dict[str, Any], scorers: tuple[Entry, ...]) -> dict[str, Any]:
    # Its variables are filled in already, so that braces are text from here on.
    kept = {key: raw[key] for key in raw if key not in {"scorers", "vars", "expected"}}
    plain = {key: list(kept[key]) if isinstance(kept[key], tuple) else kept[key] for key in kept}
    return {**plain, "scorers": [_entry(entry) for entry in scorers]}


def _entry(entry: Entry) -> dict[str, Any]:
    own = entry.model_dump(exclude={"settings", "set"}, exclude_defaults=True, by_alias=True)
    if isinstance(entry, ScorerSpec):
        kind = own.pop("kind")
        return {"kind": kind, **entry.settings, **own}
    return {"set": [_entry(member) for member in entry.set], **own}
