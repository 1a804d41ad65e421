"""Parts of Slack's Block Kit. Text of others can name nobody, call no channel and be no link."""

from typing import Any

from gameday.reporting.inert import inert_line

# Slack's own bounds, in characters: a section's text, a header's, a button's.
SECTION_MAX, HEADER_MAX, BUTTON_MAX = 3000, 150, 75

Block = dict[str, Any]


def header(text: str) -> Block:
    return {"type": "header", "text": _plain_text(text, HEADER_MAX)}


def section(text: str) -> Block:
    """text: made of `plain` parts, and Slack's own markup around them."""
    return {"type": "section", "text": _mrkdwn(text)}


def context(*texts: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(plain(text)) for text in texts]}


def button(text: str, action_id: str, value: str, *, style: str = "") -> Block:
    """style: `primary` or `danger`; '' as any other."""
    made: Block = {"type": "button", "text": _plain_text(text, BUTTON_MAX), "action_id": action_id}
    return {**made, "value": value, **({"style": style} if style else {})}


def plain(text: str, length_max: int = 1000) -> str:
    """On one line and inert; these three characters are all that Slack's own markup begins with."""
    line = inert_line(text, length_max)
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain_text(text: str, length_max: int) -> Block:
    return {"type": "plain_text", "text": inert_line(text, length_max), "emoji": False}


def _mrkdwn(text: str) -> Block:
    """verbatim: Slack looks for no links, names or channels of its own accord."""
    cut = text if len(text) <= SECTION_MAX else _whole_entities(text[: SECTION_MAX - 1]) + "…"
    return {"type": "mrkdwn", "text": cut, "verbatim": True}


def _whole_entities(text: str) -> str:
    """Without the beginning of an entity at the end, where the cut fell into one."""
    before, ampersand, after = text.rpartition("&")
    return before if ampersand and ";" not in after else text
