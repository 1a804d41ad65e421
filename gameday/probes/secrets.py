"""The secrets that a load needs. They go to its process by environment, and into no file."""

import os
from dataclasses import dataclass, field

from gameday.domain.sample import Group
from gameday.supervisor.secrets import remember_secret

_KEY, _LOGIN = "GAMEDAY_FRONT_DOOR_KEY", "GAMEDAY_LOGIN_SECRET"
_CONTROL = "GAMEDAY_CONTROL_KEY"


@dataclass(frozen=True)
class Secrets:
    """What the front door is asked with, and its login.

    control: the control group's key, where requests are marked by theirs; as `key` unless given.
    """

    key: str | None = field(default=None, repr=False)
    login: str | None = field(default=None, repr=False)
    control: str | None = field(default=None, repr=False)

    def key_of(self, group: Group) -> str | None:
        return self.control or self.key if group == "control" else self.key

    def environment(self) -> dict[str, str]:
        named = {_KEY: self.key, _LOGIN: self.login, _CONTROL: self.control}
        return {name: secret for name, secret in named.items() if secret}

    @classmethod
    def from_environment(cls) -> "Secrets":
        """Take them out of this process's environment, so that no child of it has them."""
        taken = [os.environ.pop(name, None) for name in (_KEY, _LOGIN, _CONTROL)]
        for secret in filter(None, taken):
            remember_secret(secret)
        return cls(*taken)
