"""Gives a message to one channel of a target's people, and says why it did not take it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from activities.connections import resolve_secret
from activities.hooks import give, require_hook
from gameday.domain.channel import Channel, SlackPlace
from gameday.domain.errors import FileError

_WITHIN_S = 10.0


@dataclass(frozen=True)
class Message:
    """The same thing in each channel's own form.

    document: JSON for programs, whose `notice` is the same whenever it is told again. slack: `text`
    and `blocks`. buttons: the block to add where presses are heard.
    """

    document: dict[str, Any]
    slack: dict[str, Any]
    buttons: dict[str, Any] | None = None


async def tell_channel(channel: Channel, folder: Path, message: Message) -> str:
    """Why the channel did not take it, in one sentence; '' when it did.

    folder: where a command runs.
    """
    if channel.slack is None:
        return await give(channel, folder, message.document)
    blocks = message.slack["blocks"]
    if message.buttons and channel.slack.buttons:
        blocks = [*blocks, message.buttons]
    return await _to_slack(channel.slack, {**message.slack, "blocks": blocks})


def require_channel(channel: Channel, folder: Path) -> None:
    """Raise GamedayError for a channel that can take nothing, before anybody relies on it."""
    if channel.slack is None:
        require_hook(channel, folder)
        return
    resolve_secret(channel.slack.webhook)
    resolve_secret(channel.slack.token)


async def _to_slack(place: SlackPlace, message: dict[str, Any]) -> str:
    """The address of a webhook is a secret, so no sentence names it."""
    try:
        token, url = resolve_secret(place.token), resolve_secret(place.webhook)
        if url is None:
            url = f"{place.api}/chat.postMessage"
            message = {**message, "channel": place.channel, "unfurl_links": False}
        headers = {"authorization": f"Bearer {token}"} if token else {}
        async with httpx.AsyncClient(timeout=_WITHIN_S, trust_env=False) as http:
            answer = await http.post(url, json=message, headers=headers)
    except FileError as error:
        return error.sentence
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"Slack does not answer ({type(error).__name__})"
    return _said_no(answer, by_token=token is not None)


def _said_no(answer: httpx.Response, *, by_token: bool) -> str:
    """Slack's API answers 200 to everything, and says in the body whether it did it."""
    if not answer.is_success:
        return f"Slack answers {answer.status_code}: {answer.text[:100]}"
    if not by_token:
        return ""
    try:
        said = answer.json()
    except ValueError:
        return "Slack answers something that is no JSON"
    return "" if said.get("ok") is True else f"Slack refuses it: {said.get('error', 'no reason')}"
