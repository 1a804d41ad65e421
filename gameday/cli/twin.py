"""`gameday twin`: the operator's gateway configuration, with its providers behind the gate."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from gameday.catalog.gate_file import load_gate_config
from gameday.cli.options import AsJson
from gameday.cli.screen import table
from gameday.domain.errors import FileError
from gameday.store.atomic import write_whole
from gameday.twin.gateways import make_twin
from gameday.twin.listeners import Listeners
from gameday.twin.made import Source, Twin, Wish


def twin(
    file: Annotated[Path, typer.Argument(help="LiteLLM's YAML or Portkey's JSON.")],
    gate: Annotated[Path, typer.Option("--gate", help="The gate file.")] = Path("gate.yaml"),
    out: Annotated[Path | None, typer.Option("--out", help="Else it is printed.")] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", help="NAME=LISTENER, or NAME=direct to leave it as it is."),
    ] = None,
    marker: Annotated[
        str, typer.Option("--marker", help="The header that marks a drill's requests.")
    ] = "x-gameday",
    as_json: AsJson = False,
) -> None:
    """Write a gateway's configuration anew, for a copy of it that asks its providers by the gate.

    It has its own keys and cache; no key of the original is copied.

    Example:  gameday twin litellm.yaml --gate gate.yaml --out twin.yaml
    """
    wish = Wish(Listeners(load_gate_config(gate), _mapping(mapping or [])), marker.lower())
    made = make_twin(_source(file), wish)
    if out is not None:
        _write(out, file, made)
    if as_json:
        print(json.dumps(_document(made, out), indent=2))
        return
    if out is None:
        sys.stdout.write(made.text)
    # Beside the configuration itself, what is said of it must not be taken for a part of it.
    said = sys.stderr if out is None else sys.stdout
    for line in _lines(made, out):
        print(line, file=said)


def _mapping(given: list[str]) -> dict[str, str]:
    pairs = [text.rpartition("=") for text in given]
    if wrong := next((text for text, (name, _, to) in zip(given, pairs, strict=True)
                      if not name or not to), None):  # fmt: skip
        raise FileError(f"--map {wrong}: expected NAME=LISTENER")
    return {name: to for name, _, to in pairs}


def _source(file: Path) -> Source:
    try:
        return Source(str(file), file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{file} cannot be read as text: {error}") from error


def _write(out: Path, file: Path, made: Twin) -> None:
    if out.exists() and out.samefile(file):
        raise FileError(f"{out} is the original", next_step="choose another --out")
    write_whole(out, made.text.encode())


def _document(made: Twin, out: Path | None) -> dict[str, object]:
    return {
        "gateway": made.gateway,
        "out": str(out) if out else None,
        "config": made.text,
        "placed": made.placed,
        "keys": made.keys,
        "notes": made.notes,
    }


def _lines(made: Twin, out: Path | None) -> list[str]:
    return [
        f"{made.gateway} twin{f' in {out}' if out else ''}",
        *table([("  reached", name, place) for name, place in made.placed.items()]),
        *table([("  set", variable, purpose) for variable, purpose in made.keys.items()]),
        *(f"  note  {note}" for note in made.notes),
        "  next  start it beside the original, and let the target's environment name it",
    ]
