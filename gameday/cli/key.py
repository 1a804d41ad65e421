"""`gameday key new`: a key of one's own, to start and approve with."""

import json
from pathlib import Path
from typing import Annotated

import typer

from gameday.cli.options import AsJson
from gameday.evidence.key import new_key, public_pem
from gameday.identity.key import public_text

DEFAULT_FOLDER = Path.home() / ".config" / "gameday"


def new(
    name: Annotated[str, typer.Argument(help="Your name, as the policy will have it.")],
    out: Annotated[
        Path | None, typer.Option(help="Where; in ~/.config/gameday unless said.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key that shows who you are. The private half stays in its file, mode 0600.

    Example:  gameday key new dana
    """
    file = out or DEFAULT_FOLDER / f"{name}.pem"
    key = new_key(file)
    text = public_text(key.public_key())
    public = file.with_suffix(".pub")
    public.write_bytes(public_pem(key))
    if as_json:
        print(json.dumps({"name": name, "key": str(file), "public": str(public), "text": text}))
        return
    print(f"  private     {file}; keep it, and give it to nobody")
    print(f"  public      {public}")
    print("  policy      whoever owns policy.yaml adds this under `people:`")
    print(f"\n    {name}: {{roles: [start, approve], known_by: {{key: {text}}}}}\n")
    print(f"  use         export GAMEDAY_KEY={file}")
