"""`gameday schema`: the JSON Schemas of files and documents."""

import json
from typing import Annotated

import typer

from gameday.catalog.schemas import SCHEMAS, schema_of
from gameday.domain.errors import FileError


def schema(noun: Annotated[str, typer.Argument(help=" | ".join(SCHEMAS))]) -> None:
    """Print the JSON Schema of a file or document.

    Example:  gameday schema drill
    """
    if noun not in SCHEMAS:
        raise FileError(
            f"{noun!r} is none of {', '.join(SCHEMAS)}", next_step="gameday schema drill"
        )
    print(json.dumps(schema_of(noun), indent=2))
