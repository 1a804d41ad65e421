"""The lab with a real model behind its primary: what is different then.

SmolLM2 is `heron-4`, and the same weights with 3 bits are its update. It is small, and slow on a
busy machine, so it is asked little, and everybody waits for it.
"""

from pathlib import Path
from typing import Any

from gameday.domain.slo import Slo
from gameday.domain.target import Target
from lab.model_version import HERON, HERON_UPDATE
from lab.weights import coarser, smollm2

SUITE = Path(__file__).parent / "suite-llm.yaml"
PROMPT = "few-words-v1"
ASSISTANT: dict[str, Any] = {
    "patience": {
        "begin_s": 20.0,
        "begin_at_last_s": 20.0,
        "idle_s": 20.0,
        "total_s": 40.0,
        "attempts_s": 30.0,
    },
}
_COARSER = "smollm2-3-bit.gguf"
_TIMEOUT_S = 60.0
_SLOW = Slo(at_most="30s")


def weights(folder: Path) -> dict[str, Path]:
    """By version; those of the update will be in `folder`. Raises StartError without the extra."""
    return {HERON.name: smollm2(), HERON_UPDATE.name: folder / _COARSER}


def make_weights(folder: Path) -> None:
    """Make those of the update, which takes a few seconds."""
    coarser(smollm2(), folder / _COARSER)


def patient(target: Target) -> Target:
    """The lab's target, with a suite that the model knows answers to, and time for them."""
    slos = target.slos.model_copy(update={"latency_p95": _SLOW, "ttft_p95": _SLOW})
    door = target.front_door.model_copy(update={"timeout": _TIMEOUT_S})
    return target.model_copy(update={"slos": slos, "front_door": door, "suite": str(SUITE)})
