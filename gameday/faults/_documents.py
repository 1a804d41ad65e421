"""What the faults share that change the JSON of an answer: of its body, or of a stream's events."""

import json
from abc import abstractmethod
from typing import Any, ClassVar

from gameday.domain.wire import Event, Hit, Send, Steps
from gameday.faults._gate import Edits, GateFault
from gameday.faults._streams import with_data


class DocumentFault(GateFault):
    """A fault that changes documents of an answer, and leaves alone whatever is none."""

    edits: ClassVar[Edits] = Edits.BOTH
    key: ClassVar[bytes] = b"{"  # what each document has that it changes: others are not parsed

    @abstractmethod
    def change(self, hit: Hit, document: dict[str, Any]) -> bool:
        """Change `document` in place; whether there was anything to change."""

    def on_event(self, hit: Hit, event: Event) -> Steps:
        changed = self._changed(hit, event.data)
        return (Send(event.raw if changed is None else with_data(event, changed)),)

    def on_body(self, hit: Hit, body: bytes) -> Steps:
        changed = self._changed(hit, body)
        return (Send(body if changed is None else changed),)

    def _changed(self, hit: Hit, text: bytes) -> bytes | None:
        """`text` as it becomes; None when it stays, or is no JSON object."""
        if self.key not in text:
            return None
        try:
            document: Any = json.loads(text)
        except (ValueError, RecursionError):
            return None
        if not isinstance(document, dict) or not self.change(hit, document):
            return None
        return json.dumps(document, separators=(",", ":")).encode()
