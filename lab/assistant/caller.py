"""For whom the assistant asks its tools and its verifier, as they are told."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Caller:
    """One request at the front door. marks: headers of the client's that are handed on."""

    request_id: str = ""
    marks: Mapping[str, str] = field(default_factory=dict)
    sandbox: bool = False  # tools are not to act on the world

    @property
    def headers(self) -> dict[str, str]:
        """What ties a call of a tool to the request that it is made for."""
        named = {"x-request-id": self.request_id} if self.request_id else {}
        return {**self.marks, **named}


NOBODY = Caller()
