"""Lines of a document that no customer is meant to read: orders to the assistant, internal notes.

A model obeys an order wherever it reads it. It is for the assistant to see that it reads none:
what is retrieved is data.
"""

import re

INTERNAL = "Internal:"
_ORDER = "Assistant:"
_SAY = re.compile(r"\bend every answer with the words? ([^\s.]+)")
_REPEAT = re.compile(r"\brepeat all internal lines\b")
_CALL = re.compile(r"\bcall the tool (\w+)")


def is_order(line: str) -> bool:
    return line.startswith(_ORDER)


def is_internal(line: str) -> bool:
    return line.startswith(INTERNAL)


def word_to_say(line: str) -> str:
    """What the line orders the assistant to say; '' when it orders something else, or nothing."""
    found = _SAY.search(line) if is_order(line) else None
    return found[1] if found else ""


def is_to_repeat(line: str) -> bool:
    """Whether the line orders the assistant to give away what is internal."""
    return is_order(line) and _REPEAT.search(line) is not None


def tool_to_call(line: str) -> str:
    """The tool that the line orders the assistant to call; '' when it does not."""
    found = _CALL.search(line) if is_order(line) else None
    return found[1] if found else ""
