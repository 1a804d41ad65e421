"""Speaks to the admin port of one HTTP fault gate. A no and no answer are told apart."""

import json
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from gameday.catalog.gate_file import load_gate_config
from gameday.domain.errors import FileError, InjectorRefusedError, InjectorUnreachableError
from gameday.domain.gate import Call, GateState, Rule, RuleState, WatchOrder, WatchState
from gameday.domain.gate_config import GateConfig
from gameday.domain.value import Value
from gameday.supervisor.secrets import read_secret

if TYPE_CHECKING:
    import httpx

Said = TypeVar("Said", bound=Value)

_NOT_FOUND = 404
_PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # unused; reading the system's takes long


class NotThereError(InjectorRefusedError):
    """The gate does not know what was asked about."""


class _Page(Value):
    """A part of a log of calls, and where the next one begins."""

    calls: tuple[Call, ...]
    next: int


class GateAdmin:
    """One gate, by its gate file. Holds no connection: a gate may be killed and come back.

    Each method raises InjectorRefusedError when the answer is no, and InjectorUnreachableError
    when there is none within `timeout_s`, or none that can be relied on.
    """

    def __init__(self, file: Path, *, timeout_s: float = 2.0) -> None:
        self.file = file
        self._timeout_s = timeout_s
        self._config: GateConfig | None = None

    def load(self) -> GateConfig:
        """What its file says. Raises FileError."""
        if self._config is None:
            self._config = load_gate_config(self.file)
        return self._config

    @property
    def name(self) -> str:
        """The gate's own name; its file's while that cannot be read."""
        try:
            return self.load().gate
        except FileError:
            return str(self.file)

    # --- itself -----------------------------------------------------------------------------

    async def answers(self) -> bool:
        try:
            await self._ask("GET", "/health")
        except (InjectorRefusedError, InjectorUnreachableError):
            return False
        return True

    async def state(self) -> GateState:
        return self._read(GateState, await self._ask("GET", "/state"))

    # --- rules ------------------------------------------------------------------------------

    async def put(self, rule: Rule) -> RuleState:
        body = rule.model_dump_json()
        return self._read(RuleState, await self._ask("PUT", f"/rules/{rule.id}", body))

    async def renew(self, rule_id: str, lease_s: float) -> RuleState:
        body = json.dumps({"lease_s": lease_s})
        return self._read(RuleState, await self._ask("POST", f"/rules/{rule_id}/renew", body))

    async def rule(self, rule_id: str) -> RuleState | None:
        """None when the gate knows of no such rule."""
        try:
            return self._read(RuleState, await self._ask("GET", f"/rules/{rule_id}"))
        except NotThereError:
            return None

    async def remove(self, rule_id: str) -> None:
        """Repeatable: a rule that is not there is no error."""
        try:
            await self._ask("DELETE", f"/rules/{rule_id}")
        except NotThereError:
            return

    # --- watches ----------------------------------------------------------------------------

    async def watch(self, run_id: str, order: WatchOrder) -> WatchState:
        body = order.model_dump_json()
        return self._read(WatchState, await self._ask("PUT", f"/watches/{run_id}", body))

    async def watched(self, run_id: str) -> WatchState:
        return self._read(WatchState, await self._ask("GET", f"/watches/{run_id}"))

    async def calls(self, run_id: str) -> list[Call]:
        """All calls so far, page by page."""
        found: list[Call] = []
        position = 0
        while True:
            where = f"/watches/{run_id}/calls?from={position}"
            page = self._read(_Page, await self._ask("GET", where))
            found += page.calls
            if not page.calls or page.next <= position:
                return found
            position = page.next

    async def unwatch(self, run_id: str) -> None:
        """Repeatable: a watch that is not there is no error."""
        try:
            await self._ask("DELETE", f"/watches/{run_id}")
        except NotThereError:
            return

    # --- one call ---------------------------------------------------------------------------

    async def _ask(self, method: str, where: str, body: str | None = None) -> bytes:
        import httpx  # noqa: PLC0415 - takes long, and a restart restores connections first

        url, headers = self._place()
        try:
            async with httpx.AsyncClient(
                verify=_PLAIN, timeout=self._timeout_s, trust_env=False
            ) as http:
                answer = await http.request(method, f"{url}{where}", content=body, headers=headers)
        except httpx.HTTPError as error:
            raise InjectorUnreachableError(
                f"the gate {self.name} at {url} did not answer {method} {where} "
                f"({type(error).__name__})",
                next_step="look whether it runs; what it holds ends with its lease",
            ) from error
        if answer.is_success:
            return answer.content
        raise self._no(answer, f"{method} {where}")

    def _place(self) -> tuple[str, Mapping[str, str]]:
        try:
            config = self.load()
            token = read_secret(config.token, beside=self.file.parent)
        except FileError as error:
            raise InjectorUnreachableError(
                f"the gate file {self.file} cannot be used: {error.sentence}",
                next_step=error.next_step,
            ) from error
        return f"http://{config.admin}", {"authorization": f"Bearer {token}"}

    def _no(self, answer: "httpx.Response", asked: str) -> Exception:
        try:
            said = answer.json()
            sentence, next_step = str(said["error"]), str(said.get("next", ""))
        except (ValueError, KeyError, TypeError):
            sentence, next_step = f"it answered {answer.status_code} to {asked}", ""
        sentence = f"the gate {self.name}: {sentence}"
        if answer.status_code == _NOT_FOUND:
            return NotThereError(sentence, next_step=next_step)
        kind = InjectorRefusedError if answer.is_client_error else InjectorUnreachableError
        return kind(sentence, next_step=next_step)

    def _read(self, noun: type[Said], raw: bytes) -> Said:
        try:
            return noun.model_validate_json(raw)
        except ValidationError as error:
            raise InjectorUnreachableError(
                f"the gate {self.name} gave an answer that is no {noun.__name__}",
                next_step="look whether the gate and the injector are of the same version",
            ) from error
