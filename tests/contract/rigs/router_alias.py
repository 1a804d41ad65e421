"""Two routers with aliases: a plain one with ETags, and LiteLLM's proxy by its documented API."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from gameday.catalog.kinds import components
from gameday.domain.component import Component
from tests.contract.rigs.rig import SECRET
from tests.gameday.loopback import Loopback, QuietHandler

OLD, NEW, FOREIGN = "heron-4", "heron-4-2026-08", "somebody-elses"


class RouterRig:
    """Serves the router's interface, and the models, below one address."""

    old, new, foreign = OLD, NEW, FOREIGN
    told, gone = (foreign, new, old), new
    router = "plain"

    def __init__(self, folder: Path) -> None:
        (folder / "key").write_text(SECRET)
        self.kept_whole: dict[str, Any] = {"model": self.old, "temperature": 0.2}
        self.revision, self.models = 1, {OLD, NEW}
        self.deaf = self.dark = False
        self.asked: list[tuple[str, str, Any]] = []
        handler = type("Handler", (_Handler,), {"rig": self})
        self._server = Loopback(handler)
        settings = {
            "router": self.router,
            "url": self._server.url + ("/aliases" if self.router == "plain" else ""),
            "alias": "answers",
            "key": "file:key",
            "standby": {"url": f"{self._server.url}/v1", "key": "file:key"},
            "timeout": "2s",
        }
        made = components.make(Component(kind="router_alias", settings=settings))
        self.backend = made.beside(folder)

    def kept(self) -> Any:
        return dict(self.kept_whole)

    def set_by_others(self) -> None:
        self.kept_whole["model"] = self.foreign
        self.revision += 1

    def lose_next_answer(self) -> None:
        self.deaf = True

    def retire(self) -> None:
        self.models.discard(NEW)

    def go_dark(self) -> None:
        self.dark = True

    def close(self) -> None:
        self._server.__exit__()

    def answer(self, method: str, path: str, body: Any, match: str | None) -> tuple[int, Any]:
        if path.startswith("/v1/"):
            known = body["model"] in self.models
            error = {"error": {"code": "model_not_found", "message": f"no {body['model']}"}}
            return (200, {"model": body["model"], "choices": []}) if known else (404, error)
        return self.alias(method, path, body, match)

    def alias(self, method: str, path: str, body: Any, match: str | None) -> tuple[int, Any]:
        assert path == "/aliases/answers"
        if method == "PUT":
            if match != f'"{self.revision}"':
                return 412, {"error": "it has changed"}
            self.kept_whole.update(body)
            self.revision += 1
        return 200, self.kept_whole


class LiteLlmRig(RouterRig):
    """A deployment in the proxy's database. An update merges what it gives into what is there."""

    old, new, foreign = f"openai/{OLD}", f"openai/{NEW}", f"openai/{FOREIGN}"
    told, gone = (foreign, new, old), new
    router = "litellm"

    def alias(self, method: str, path: str, body: Any, match: str | None) -> tuple[int, Any]:
        if method == "PATCH":
            assert path == "/model/answers/update"
            assert match is None
            self.kept_whole.update(body["litellm_params"])
            return 200, {"model_id": "answers"}
        parts = urlsplit(path)
        assert parts.path == "/model/info"
        if parse_qs(parts.query)["litellm_model_id"] != ["answers"]:
            return 400, {"detail": {"error": "Model id not found on litellm proxy"}}
        info = {"id": "answers", "db_model": True}
        row = {"model_name": "answers", "litellm_params": self.kept_whole, "model_info": info}
        return 200, {"data": [row]}


class _Handler(QuietHandler):
    rig: RouterRig

    def _serve(self) -> None:
        rig = self.rig
        length = int(self.headers.get("content-length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        if rig.dark:
            self.close_connection = True
            return
        if self.headers["authorization"] != f"Bearer {SECRET}":
            self.answer(401, f"who is {self.headers['authorization']}?".encode())
            return
        rig.asked.append((self.command, self.path, body))
        status, document = rig.answer(self.command, self.path, body, self.headers["if-match"])
        if rig.deaf and self.command in {"PUT", "PATCH"}:
            rig.deaf, self.close_connection = False, True
            return
        etag = {"etag": f'"{rig.revision}"'} if rig.router == "plain" else {}
        self.answer(status, json.dumps(document).encode(), etag)

    do_GET = do_PUT = do_PATCH = do_POST = _serve  # noqa: N815 - the server's names
