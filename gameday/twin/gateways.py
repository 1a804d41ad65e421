"""Finds out whose configuration a file is, and makes its twin or tells its providers."""

from gameday.domain.errors import FileError
from gameday.twin import litellm, portkey
from gameday.twin.listeners import Endpoint
from gameday.twin.made import Source, Twin, Wish


def make_twin(source: Source, wish: Wish) -> Twin:
    """The twin of the configuration in `source`. Raises FileError, also for an unknown kind."""
    if (document := portkey.read(source)) is not None:
        return portkey.make(document, source, wish)
    if (document := litellm.read(source)) is not None:
        return litellm.make(document, source, wish)
    raise _unknown(source, "point the base URLs at the gate by hand: docs/gate.md says which")


def providers_of(source: Source) -> tuple[str, list[Endpoint]]:
    """The gateway's name, and the providers that its configuration names. Raises FileError."""
    if (document := portkey.read(source)) is not None:
        return "Portkey", portkey.endpoints(document)
    if (document := litellm.read(source)) is not None:
        return "LiteLLM", litellm.endpoints(document)
    raise _unknown(source, "describe the system by hand: docs/your-system.md says how")


def _unknown(source: Source, next_step: str) -> FileError:
    return FileError(
        f"{source.path} is neither LiteLLM's (YAML with model_list) nor Portkey's (JSON with "
        "provider, or strategy and targets)",
        next_step=next_step,
    )
