"""Where the people of a target are: told how drills end, and asked what they wait for."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from gameday.domain.hook import Address
from gameday.domain.names import SecretRef, Url
from gameday.domain.value import Value


class SlackPlace(Value):
    """A channel of Slack: an incoming webhook's secret address, or a bot's token and a channel.

    buttons: whether messages that ask have buttons, which `gameday serve` must be there to hear.
    """

    webhook: SecretRef | None = None
    token: SecretRef | None = None
    channel: Annotated[str, Field(min_length=1, examples=["C0123ABCD"])] | None = None
    buttons: bool = False
    api: Url = "https://slack.com/api"

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.webhook is None) == (self.token is None):
            raise ValueError("expected exactly one of webhook and token")
        if (self.token is None) != (self.channel is None):
            raise ValueError("channel belongs to token, which needs one")
        return self


class Channel(Address):
    """One place where people are: a command, an address, or Slack."""

    slack: SlackPlace | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if [self.command, self.post, self.slack].count(None) != 2:
            raise ValueError("expected exactly one of command, post and slack")
        return self

    @property
    def name(self) -> str:
        """What people call it; holds no secret."""
        if self.slack is not None:
            return f"Slack{f' ({self.slack.channel})' if self.slack.channel else ''}"
        return self.post or (self.command or ("",))[0]
