"""Which tools the assistant may use: its operators' switches."""

from collections.abc import Sequence

TOOLS = ("orders", "tickets")


class SwitchedMeanwhileError(Exception):
    """The switches are not as the writer had read them."""


class UnknownToolError(Exception):
    """There is no tool of that name."""


class ToolSwitches:
    """The tools that are in use, and how often that has been changed."""

    def __init__(self) -> None:
        self.enabled: tuple[str, ...] = TOOLS
        self._version = 1

    @property
    def etag(self) -> str:
        return f'"{self._version}"'

    def uses(self, tool: str) -> bool:
        return tool in self.enabled

    def write(self, enabled: Sequence[str], if_match: str | None = None) -> None:
        """Use these and no others. Raises SwitchedMeanwhileError and UnknownToolError."""
        if if_match not in (None, "*", self.etag):
            raise SwitchedMeanwhileError(f"in use are {', '.join(self.enabled) or 'none'} by now")
        if unknown := sorted(set(enabled) - set(TOOLS)):
            raise UnknownToolError(f"no tool {unknown[0]}; there are {', '.join(TOOLS)}")
        self.enabled = tuple(tool for tool in TOOLS if tool in enabled)
        self._version += 1
