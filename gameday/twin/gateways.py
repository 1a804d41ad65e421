"""Finds out whose configuration a file is, and makes its twin."""

from gameday.domain.errors import FileError
from gameday.twin import litellm, portkey
from gameday.twin.made import Source, Twin, Wish


def make_twin(source: Source, wish: Wish) -> Twin:
    """The twin of the configuration in `source`. Raises FileError, also for an unknown kind."""
    if (document := portkey.read(source)) is not None:
        return portkey.make(document, source, wish)
    if (document := litellm.read(source)) is not None:
        return litellm.make(document, source, wish)
    raise FileError(
        f"{source.path} is neither LiteLLM's (YAML with model_list) nor Portkey's (JSON with "
        "provider, or strategy and targets)",
        next_step="point the base URLs at the gate by hand: docs/gate.md says which",
    )
