"""An admin interface with ETags, such as routers have."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gameday.catalog.kinds import components
from gameday.domain.component import Component
from tests.contract.rigs.rig import SECRET
from tests.gameday.loopback import Loopback, QuietHandler


class HttpRig:
    """An admin interface with ETags, such as routers have."""

    old, new, foreign = "heron-4", "heron-4-2026-08", "somebody-elses"
    told, gone = (foreign, new, old), new

    def __init__(self, folder: Path) -> None:
        (folder / "key").write_text(SECRET)
        self.value, self.revision, self.models = self.old, 1, {"heron-4", "heron-4-2026-08"}
        self.deaf = self.dark = False
        self.asked, self.held = threading.Event(), threading.Event()
        self.puts_are_lost, self.lost = False, 0
        self.held.set()  # cleared: what is set is only set once it is released
        self.puts: list[str] = []
        self._server = Loopback(type("Handler", (_Handler,), {"rig": self}))
        self.url = self._server.url
        key = {"authorization": "Bearer {{secret}}"}
        alias = {"path": "/aliases/answers", "headers": key}
        settings = {
            "url": self.url,
            "secret": "file:key",
            "read": {**alias, "value": "model", "etag": {"header": "etag"}},
            "change": {
                "method": "PUT", "path": "/aliases/answers", "json": {"model": "{{to}}"},
                "headers": {**key, "if-match": "{{etag}}"},
            },
            "ready": {"path": "/models/{{to}}", "headers": key, "value": "id"},
            "timeout": "2s",
        }  # fmt: skip
        made = components.make(Component(kind="http", settings=settings))
        self.backend = made.beside(folder)

    def kept(self) -> Any:
        return self.value

    def set_by_others(self) -> None:
        self.value, self.revision = self.foreign, self.revision + 1

    def lose_next_answer(self) -> None:
        self.deaf = True

    def retire(self) -> None:
        self.models.discard(self.new)

    def go_dark(self) -> None:
        self.dark = True

    def close(self) -> None:
        self._server.__exit__()


class _Handler(QuietHandler):
    rig: HttpRig

    def do_GET(self) -> None:  # noqa: N802 - the server's name for it
        self._answer(self._read)

    def do_PUT(self) -> None:  # noqa: N802
        self._answer(self._set)

    def _answer(self, of: Callable[[], tuple[int, Any]]) -> None:
        rig = self.rig
        if rig.dark:
            self.close_connection = True
            return
        if self.headers["authorization"] != f"Bearer {SECRET}":
            said = f"who is {self.headers['authorization']}?"
            self.answer(401, said.encode(), {"etag": "0"})
            return
        status, document = of()
        if rig.deaf and self.command == "PUT":
            rig.deaf, self.close_connection = False, True
            return
        self.answer(status, json.dumps(document).encode(), {"etag": f'"{rig.revision}"'})

    def _read(self) -> tuple[int, Any]:
        name = self.path.rpartition("/")[2]
        if self.path.startswith("/models/"):
            known = name in self.rig.models
            return (200, {"id": name}) if known else (404, {"error": f"no model {name}"})
        return 200, {"model": self.rig.value}

    def _set(self) -> tuple[int, Any]:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.headers["if-match"] not in (None, f'"{self.rig.revision}"'):
            return 412, {"error": "it has changed"}
        self.rig.asked.set()
        self.rig.held.wait()
        if self.rig.puts_are_lost:
            self.rig.lost += 1
            return 200, body
        self.rig.value, self.rig.revision = body["model"], self.rig.revision + 1
        self.rig.puts.append(self.rig.value)
        return 200, body
