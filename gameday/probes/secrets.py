"""The secrets that a load needs. They go to its process by environment, and into no file."""

import os
from dataclasses import dataclass, field

_KEY, _LOGIN = "GAMEDAY_FRONT_DOOR_KEY", "GAMEDAY_LOGIN_SECRET"


@dataclass(frozen=True)
class Secrets:
    """key: what the front door is asked with. login: what its login wants."""

    key: str | None = field(default=None, repr=False)
    login: str | None = field(default=None, repr=False)

    def environment(self) -> dict[str, str]:
        named = {_KEY: self.key, _LOGIN: self.login}
        return {name: secret for name, secret in named.items() if secret}

    @classmethod
    def from_environment(cls) -> "Secrets":
        """Take them out of this process's environment, so that no child of it has them."""
        return cls(os.environ.pop(_KEY, None), os.environ.pop(_LOGIN, None))
