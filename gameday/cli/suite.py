"""`gameday suite`: suites that others wrote, as suites of one's own."""

import json
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

import typer
from ruamel.yaml import YAML

from gameday.catalog.suite_files import load_suite
from gameday.cli.options import AsJson
from gameday.domain.errors import FileError
from gameday.domain.suite import Entry, ScorerSpec, Suite


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
    if out.exists() and not force:
        raise FileError(f"{out} is there already", next_step="add --force, or another --out")
    out.write_text(f"# Imported from {file.name}.\n{_written(suite)}", encoding="utf-8")
    load_suite(out)  # what was written is read back before anybody relies on it
    if as_json:
        print(json.dumps({"suite": suite.suite, "cases": len(suite.cases), "file": str(out)}))
    else:
        print(f"{len(suite.cases)} cases in {out}; name it in the target file:  suite: {out.name}")


def _written(suite: Suite) -> str:
    """The suite as YAML, flat as people write it."""
    cases = [_case(case.model_dump(exclude_defaults=True), case.scorers) for case in suite.cases]
    stream = StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 120
    yaml.allow_unicode = True
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
