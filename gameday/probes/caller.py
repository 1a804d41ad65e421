"""Who asks: the run whose mark the requests carry, their key, and what keeps them apart."""

from dataclasses import dataclass, field
from typing import Any

from gameday.domain.front_door import FrontDoor, Marker
from gameday.domain.synthetic import Synthetic, put_at
from gameday.probes.marking import mark_body, mark_headers


@dataclass(frozen=True)
class Caller:
    """run_id: without one nothing is marked. key: a secret; in no description of the caller."""

    run_id: str = ""
    key: str | None = field(default=None, repr=False)
    synthetic: Synthetic = field(default_factory=Synthetic)

    def headers(self, request_id: str, door: FrontDoor) -> dict[str, str]:
        return {
            **self.synthetic.request_headers(),
            "x-request-id": request_id,
            **mark_headers(self._marker(door), self._mark(request_id)),
        }

    def body(self, request_id: str, door: FrontDoor, body: dict[str, Any]) -> dict[str, Any]:
        for path, value in self.synthetic.request_body().items():
            body = put_at(body, path, value)
        return mark_body(self._marker(door), self._mark(request_id), body)

    def _mark(self, request_id: str) -> str:
        return f"{self.run_id}.{request_id}"

    def _marker(self, door: FrontDoor) -> Marker | None:
        return door.marker if self.run_id else None
