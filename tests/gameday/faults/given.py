"""Short ways to see what a fault answers in the provider's place."""

import json
from dataclasses import replace
from typing import Any

from gameday.catalog.kinds import faults
from gameday.domain.drill import FaultSpec
from gameday.domain.wire import Answer
from gameday.faults._gate import GateFault
from tests.gameday.faults.wired import DIALECTS, hit_of


def made(kind: str, **settings: Any) -> GateFault:
    """The fault as a drill file would make it."""
    spec = FaultSpec(kind=kind, on="provider/primary", settings=settings)
    fault = faults.make(spec)
    assert isinstance(fault, GateFault)
    return fault


def example_settings(kind: str) -> dict[str, Any]:
    """The first example of each setting that it requires; else its own example of them all."""
    fault = dict(faults.kinds())[kind]
    settings: dict[str, Any] = {}
    for name, field in fault.model_fields.items():
        if field.is_required():
            assert field.examples, f"{kind}.{name} is required and gives no example"
            settings[name] = field.examples[0]
    whole = fault.model_json_schema().get("examples", [{}])[0]
    return settings | whole


def given(fault: GateFault, dialect: str, *, stream: bool = True) -> Answer:
    """What a client of `dialect` gets in the provider's place."""
    answer = fault.instead(hit_of(dialect, stream=stream))
    assert answer is not None
    return answer


def error_of(answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.body)["error"]
    return found


def headers_of(answer: Answer) -> dict[str, str]:
    return dict(answer.headers)


def passes_what_is_no_chat(fault: GateFault) -> bool:
    """Whether a list of models stays what it is."""
    hits = [hit_of(dialect) for dialect in DIALECTS]
    for hit in hits:
        hit.request = replace(hit.request, path="/v1/models")
    return all(fault.instead(hit) is None for hit in hits)
