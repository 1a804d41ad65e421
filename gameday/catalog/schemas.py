"""JSON Schemas of the files that people write and of the result that machines read.

`python -m gameday.catalog.schemas FOLDER` writes them. A drill's faults and checks are described
as they are written: the settings of each kind beside its own keys.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gameday.catalog.kinds import (
    Registry,
    actions,
    checks,
    components,
    errands,
    faults,
    key_of_kind,
    questions,
    scorers,
    senders,
    steps,
    waits,
)
from gameday.domain.action import ActionSpec
from gameday.domain.component import Component
from gameday.domain.drill import CheckSpec, Drill, Extensible, FaultSpec, StepSpec
from gameday.domain.game_day import GameDay, GameDayResult
from gameday.domain.gate_config import GateConfig
from gameday.domain.policy import Policy
from gameday.domain.result import Result
from gameday.domain.runbook import Ask, Do, QuestionSpec, Runbook
from gameday.domain.sender import SenderSpec
from gameday.domain.serving import Serving
from gameday.domain.suite import ScorerSpec, Suite
from gameday.domain.target import Target

Schema = dict[str, Any]


def schema_of(noun: str) -> Schema:
    """The JSON Schema of one noun of SCHEMAS. Raises KeyError for another."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **SCHEMAS[noun]()}


def _drill() -> Schema:
    schema = Drill.model_json_schema(by_alias=True)
    _spell_out(schema, FaultSpec, faults)
    _spell_out(schema, StepSpec, steps)
    _spell_out(schema, CheckSpec, checks)
    _spell_out(schema, ScorerSpec, scorers)  # a check may name one
    # In a file both are under `respond`: steps in a list, or a runbook by its name.
    runbook = schema["properties"].pop("respond_with")
    one = next(choice for choice in runbook["anyOf"] if "$ref" in choice)
    schema["properties"]["respond"] = {"anyOf": [schema["properties"]["respond"], one]}
    return schema


def _suite() -> Schema:
    schema = Suite.model_json_schema(by_alias=True)
    _spell_out(schema, ScorerSpec, scorers)
    return schema


def _target() -> Schema:
    schema = Target.model_json_schema(by_alias=True)
    _spell_out(schema, Component, components)
    _spell_out(schema, ActionSpec, actions)
    return schema


def _serve() -> Schema:
    schema = Serving.model_json_schema(by_alias=True)
    _spell_out(schema, SenderSpec, senders)
    return schema


def _runbook() -> Schema:
    schema = Runbook.model_json_schema(by_alias=True)
    _spell_out(schema, Ask, questions)
    _spell_out(schema, Do, steps, errands, waits)
    _spell_out(schema, QuestionSpec, questions)  # a wait may ask one
    return schema


def _spell_out(schema: Schema, spec: type[Extensible], *registries: Registry[Any, Any]) -> None:
    """Replace the spec's definition by one alternative for each kind, flat as it is written."""
    definitions = schema["$defs"]
    own = definitions[spec.__name__]
    alternatives = []
    every = [(registry, *one) for registry in registries for one in registry.kinds()]
    for registry, kind, made in every:
        settings = made.model_json_schema(by_alias=True)
        definitions.update(settings.pop("$defs", {}))
        properties = {name: part for name, part in own["properties"].items() if name != "settings"}
        alternatives.append(
            {
                "type": "object",
                "title": kind,
                "description": registry.summary(kind),
                "properties": {
                    **properties,
                    **settings.get("properties", {}),
                    key_of_kind(spec): {"const": kind},
                },
                "required": [*own.get("required", []), *settings.get("required", [])],
                "additionalProperties": False,
            }
        )
    definitions[spec.__name__] = {"oneOf": alternatives}


SCHEMAS: dict[str, Callable[[], Schema]] = {
    "drill": _drill,
    "target": _target,
    "policy": lambda: Policy.model_json_schema(by_alias=True),
    "gate": lambda: GateConfig.model_json_schema(by_alias=True),
    "suite": _suite,
    "serve": _serve,
    "runbook": _runbook,
    "game_day": lambda: GameDay.model_json_schema(by_alias=True),
    "game_day_result": lambda: GameDayResult.model_json_schema(by_alias=True, mode="serialization"),
    "result": lambda: Result.model_json_schema(by_alias=True, mode="serialization"),
}


def write_schemas(folder: Path) -> None:
    """Write each schema as NOUN.json into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for noun in SCHEMAS:
        (folder / f"{noun}.json").write_text(json.dumps(schema_of(noun), indent=2) + "\n")


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]))
