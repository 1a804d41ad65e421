"""`gameday init`: the first files of a system of your own."""

import asyncio
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import typer

from gameday.catalog.misfit import Misfit, fit
from gameday.cli.drafts import Draft, DraftProvider, draft_providers, slug
from gameday.cli.options import AsJson
from gameday.domain.environment import Environment
from gameday.domain.errors import FileError
from gameday.probes.sniff import Sniffed, sniff
from gameday.store.atomic import write_whole
from gameday.supervisor.secrets import read_secret
from gameday.twin.gateways import providers_of
from gameday.twin.made import Source

_USUAL_DOORS = {"LiteLLM": "http://127.0.0.1:4000/v1", "Portkey": "http://127.0.0.1:8787/v1"}
_ALONE = DraftProvider("primary", "correct the upstream in gate.yaml", "openai",
                       "https://api.openai.com")  # fmt: skip


@dataclass(frozen=True)
class _Known:
    """What a gateway's configuration tells."""

    gateway: str = ""
    providers: tuple[DraftProvider, ...] = (_ALONE,)
    left_out: tuple[str, ...] = ()


def init(
    endpoint: Annotated[
        str, typer.Option("--endpoint", help="Your front door's URL; it is asked once.")
    ] = "",
    source: Annotated[
        Path | None, typer.Option("--from", help="LiteLLM's YAML or Portkey's JSON.")
    ] = None,
    dialect: Annotated[
        str, typer.Option("--dialect", help="openai, anthropic or template; else it is seen.")
    ] = "",
    name: Annotated[str, typer.Option("--name", help="What your system is called.")] = "my-system",
    environment: Annotated[
        str, typer.Option("--environment", help="Which copy of it this is.")
    ] = "staging",
    key: Annotated[
        str, typer.Option("--key", help="Where the front door's key is, e.g. env:MY_KEY.")
    ] = "",
    model: Annotated[str, typer.Option("--model", help="The model to ask for.")] = "assistant",
    out: Annotated[Path, typer.Option("--out", help="The folder that they go into.")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a target, a policy, a gate file, a suite and a first drill for your own system.

    Example:  gameday init --endpoint http://127.0.0.1:8000/v1
    """
    known = _read(source) if source else _Known()
    url = endpoint or _USUAL_DOORS.get(known.gateway, "")
    _require_sound(url, dialect, environment)
    seen = asyncio.run(sniff(url, key=read_secret(key) if key else None, model=model))
    spoken = _speaks(seen, dialect)
    parts = urlsplit(url)
    draft = Draft(
        name=slug(name),
        environment=slug(environment),
        base=f"{parts.scheme}://{parts.netloc}" if spoken == "template" else seen.base,
        path=parts.path,
        found=seen.sentence,
        dialect=spoken,
        model=model,
        key=key,
        served_by_header=seen.served_by_header,
        providers=known.providers,
        left_out=known.left_out,
    )
    written = _write(draft, out, force=force)
    if as_json:
        document = {"found": seen.sentence, "dialect": draft.dialect, "files": written,
                    "next": _next(out, source)}  # fmt: skip
        print(json.dumps(document, indent=2))
        return
    print(f"found  {seen.sentence}")
    if not seen.dialect and not dialect:
        print(f"       the dialect is taken to be {draft.dialect}: look at front_door")
    for path in written:
        print(f"wrote  {path}")
    for number, step in enumerate(_next(out, source), start=1):
        print(f"next   {number}. {step}")


def _read(source: Path) -> _Known:
    try:
        text = source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{source} cannot be read as text: {error}") from error
    gateway, endpoints = providers_of(Source(str(source), text))
    providers, left_out = draft_providers(endpoints)
    if not providers:
        raise FileError(
            f"{source} names no provider that the gate can stand for: {', '.join(left_out)}",
            next_step="describe the system by hand: docs/your-system.md",
        )
    return _Known(gateway, tuple(providers), tuple(left_out))


def _require_sound(url: str, dialect: str, environment: str) -> None:
    if not url:
        raise FileError(
            "neither an endpoint nor a gateway's configuration is named",
            next_step="gameday init --endpoint http://127.0.0.1:8000/v1",
        )
    if dialect not in ("", "openai", "anthropic", "template"):
        raise FileError(f"--dialect {dialect}: expected openai, anthropic or template")
    try:
        fit(Environment, {"injector": "http://127.0.0.1:8470", "front_door": url})
    except Misfit as misfit:
        raise FileError(f"--endpoint {url}: {misfit.sentence}") from misfit
    if not environment:
        raise FileError("--environment: expected a name such as staging")


def _speaks(seen: Sniffed, told: str) -> Literal["openai", "anthropic", "template"]:
    """What a person said goes before what was seen; what answered in no dialect has its own."""
    for spoken in ("openai", "anthropic", "template"):
        if (told or seen.dialect) == spoken:
            return spoken
    return "template" if seen.reached else "openai"


def _write(draft: Draft, out: Path, *, force: bool) -> list[str]:
    files = {out / name: text for name, text in draft.files().items()}
    there = [str(path) for path in files if path.exists()]
    if there and not force:
        raise FileError(
            f"{', '.join(there)} {'is' if len(there) == 1 else 'are'} there already; "
            "nothing was written",
            next_step="choose another --out, or overwrite with --force",
        )
    for path, text in files.items():
        write_whole(path, text.encode())
    return [*map(str, files), *_new_token(out / "gate.token")]


def _new_token(path: Path) -> list[str]:
    """A token for the gate, for this user's eyes only; one that is there is kept."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return []
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
    return [str(path)]


def _next(out: Path, source: Path | None) -> list[str]:
    where = "" if out == Path() else f"cd {out}, and there: "
    through = (
        f"or a copy of your gateway:  gameday twin {source} --gate {out / 'gate.yaml'}"
        if source
        else "docs/gate.md says how"
    )
    return [
        f"let the base URLs of your providers name the gate (gate.yaml); {through}",
        f"{where}gameday up --target gameday.yaml --policy policy.yaml --gate gate.yaml",
        "in another terminal:  gameday doctor",
        "gameday run first-drill",
    ]
