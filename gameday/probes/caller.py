"""Who asks: the run whose mark the requests carry, their key, and what keeps them apart."""

from dataclasses import dataclass, field

from gameday.domain.front_door import FrontDoor, Marker
from gameday.domain.synthetic import Synthetic, put_at
from gameday.probes.dialect import Wanted
from gameday.probes.marking import mark_body, mark_headers


@dataclass(frozen=True)
class Caller:
    """run_id: without one nothing is marked. The secrets are in no description of the caller."""

    run_id: str = ""
    key: str | None = field(default=None, repr=False)
    synthetic: Synthetic = field(default_factory=Synthetic)
    login_secret: str | None = field(default=None, repr=False)

    def sign(self, wanted: Wanted, request_id: str, door: FrontDoor, user: str = "") -> Wanted:
        """`wanted` with all that tells who asks. A request without a body has none to mark."""
        marker, mark = self._marker(door), f"{self.run_id}.{request_id}"
        headers = {
            **wanted.headers,
            **self.synthetic.request_headers(user),
            "x-request-id": request_id,
            **mark_headers(marker, mark),
        }
        document = wanted.document
        if document is not None:
            for path, value in self.synthetic.request_body(user).items():
                document = put_at(document, path, value)
            document = mark_body(marker, mark, document)
        return wanted._replace(headers=headers, document=document)

    def _marker(self, door: FrontDoor) -> Marker | None:
        return door.marker if self.run_id else None
