"""Langfuse's prompts, by its published API and source: labels are unique, an update only adds."""

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from gameday.catalog.kinds import components
from gameday.domain.component import Component
from tests.contract.rigs.rig import SECRET
from tests.gameday.loopback import Loopback, QuietHandler

NAME, PUBLIC = "support/answer", "pk-lf-1"
CARRIED = base64.b64encode(f"{PUBLIC}:{SECRET}".encode()).decode()


class LangfuseRig:
    old, new = 3, 2
    told, gone = ("is 1:", "neither 2", "nor 3"), "version 2"

    def __init__(self, folder: Path) -> None:
        (folder / "public").write_text(PUBLIC)
        (folder / "secret").write_text(SECRET)
        self.versions = {
            number: {"type": "text", "prompt": f"Answer, {number}.", "config": {}, "labels": []}
            for number in (1, 2, 3, 4)
        }
        self.versions[3]["labels"] = ["production", "eu"]
        self.versions[2]["labels"] = ["previous"]
        self.versions[4]["labels"] = ["latest"]
        self.deaf = self.dark = False
        self.asked: list[tuple[str, str, Any]] = []
        self._server = Loopback(type("Handler", (_Handler,), {"rig": self}))
        settings = {
            "url": self._server.url, "name": NAME, "timeout": "2s",
            "public_key": "file:public", "secret_key": "file:secret",
        }  # fmt: skip
        made = components.make(Component(kind="langfuse_prompts", settings=settings))
        self.backend = made.beside(folder)

    def at(self, label: str) -> int | None:
        return next((n for n, one in self.versions.items() if label in one["labels"]), None)

    def move(self, number: int, labels: list[str]) -> None:
        """Never takes one away from the version itself: it only adds, and removes elsewhere."""
        for other in self.versions.values():
            other["labels"] = [label for label in other["labels"] if label not in labels]
        self.versions[number]["labels"] += labels

    def kept(self) -> Any:
        return {
            number: {**one, "labels": sorted(one["labels"])}
            for number, one in self.versions.items()
        }

    def set_by_others(self) -> None:
        self.move(1, ["production"])

    def lose_next_answer(self) -> None:
        self.deaf = True

    def retire(self) -> None:
        del self.versions[2]

    def go_dark(self) -> None:
        self.dark = True

    def close(self) -> None:
        self._server.__exit__()


class _Handler(QuietHandler):
    rig: LangfuseRig

    def _serve(self) -> None:
        rig = self.rig
        length = int(self.headers.get("content-length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        if rig.dark:
            self.close_connection = True
            return
        rig.asked.append((self.command, self.path, body))
        if self.headers["authorization"] != f"Basic {CARRIED}":
            self.answer(401, b'{"message": "Invalid credentials"}')
            return
        status, document = self._answered(body)
        if rig.deaf and self.command == "PATCH":
            rig.deaf, self.close_connection = False, True
            return
        self.answer(status, json.dumps(document).encode())

    def _answered(self, body: Any) -> tuple[int, Any]:
        parts = urlsplit(self.path)
        words = parts.path.removeprefix("/api/public/v2/prompts/").split("/")
        if unquote(words[0]) != NAME:
            return 404, {"message": "Prompt not found"}
        if self.command == "PATCH":
            assert words[1] == "versions"
            number = int(words[2])
            if number not in self.rig.versions:
                return 404, {"message": f"Prompt not found: {NAME}"}
            self.rig.move(number, body["newLabels"])
            return 200, self._prompt(number)
        asked = parse_qs(parts.query)
        wanted = int(asked["version"][0]) if "version" in asked else self.rig.at(asked["label"][0])
        if wanted not in self.rig.versions:
            return 404, {"message": "Prompt not found", "error": "LangfuseNotFoundError"}
        return 200, self._prompt(wanted)

    def _prompt(self, number: int) -> Any:
        return {"name": NAME, "version": number, "tags": [], **self.rig.versions[number]}

    do_GET = do_PATCH = _serve  # noqa: N815 - the server's names
