"""The tool calls of an answer, as scorers look at them."""

from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import Field

from gameday.domain.scorer import ToolCall

ToolName = Annotated[str, Field(min_length=1, max_length=200, examples=["refund_*"])]


def named(calls: tuple[ToolCall, ...], patterns: tuple[str, ...]) -> list[ToolCall]:
    """The calls whose tool has one of these names; `*` stands for anything."""
    return [call for call in calls if any(fnmatchcase(call.name, one) for one in patterns)]
