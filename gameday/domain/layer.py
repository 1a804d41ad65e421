"""The layers of an AI system, as a review walks through them: a failure may come from any."""

from collections.abc import Mapping
from typing import Literal, get_args

Layer = Literal["model", "prompt", "retrieval", "tools", "input", "operation"]
LAYERS: tuple[Layer, ...] = get_args(Layer)

_OF: Mapping[str, Layer] = {
    "model": "model",
    "parameters": "model",  # how it is asked
    "prompt": "prompt",
    "corpus": "retrieval",
    "index": "retrieval",
    "tools": "tools",
    "tool": "tools",
    "inputs": "input",
}


def layer_of(resource: str) -> Layer:
    """`component/corpus` and `corpus` -> retrieval, `tool/orders` -> tools.

    What stands around all that (providers, gateways, verifiers, switches, budgets) is operation.
    """
    sort, _, name = resource.partition("/")
    return _OF.get(name if sort == "component" else sort, "operation")
