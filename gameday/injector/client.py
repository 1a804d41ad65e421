"""All that the rest of Gameday sees of the injector."""

import json
import ssl
from typing import Any

import httpx
from pydantic import TypeAdapter

from gameday.domain.act import ActOrder, ActOutlook, ActRecord
from gameday.domain.errors import InjectorRefusedError, InjectorUnreachableError
from gameday.domain.gate import Call, MarkerMatch, WatchOrder, WatchState
from gameday.domain.lease import ClearedBy, FaultRecord, Injection
from gameday.domain.record import Event
from gameday.domain.statement import Given, Heard, Statement, Word
from gameday.injector.health import Health

_CALLS = TypeAdapter(list[Call])
_ACTS = TypeAdapter(list[ActRecord])
_RECORDS = TypeAdapter(list[FaultRecord])
_EVENTS = TypeAdapter(list[Event])
_REFUSED_ANYWAY = 507  # a full disk there: asking again soon cannot help


class InjectorClient:
    """Asks one injector. Holds no connection, so it may be kept, copied and dropped freely.

    Each method raises InjectorRefusedError when the answer is no, and InjectorUnreachableError
    when there is none within `timeout_s`, or none that can be relied on.
    """

    def __init__(self, url: str, token: str, *, timeout_s: float = 5.0) -> None:
        self.url = url.rstrip("/")
        self._headers = {"authorization": f"Bearer {token}"}
        self._timeout_s = timeout_s
        # Reading the system's certificates takes long; plain HTTP needs none.
        secure = self.url.startswith("https:")
        self._tls = (
            ssl.create_default_context() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        )

    async def arm(self, fault_id: str, injection: Injection) -> FaultRecord:
        """Patient with a component: an operator's own mechanism takes its time."""
        body, slow = injection.model_dump_json(), injection.fault.changes_component
        return self._record(await self._ask("PUT", f"/faults/{fault_id}", body, patient=slow))

    async def renew(self, fault_id: str) -> FaultRecord:
        """Renew the lease. The record of a fault that is gone says `cleared`; look at it."""
        return self._record(await self._ask("POST", f"/faults/{fault_id}/renew"))

    async def clear(self, fault_id: str, by: ClearedBy) -> FaultRecord:
        """Undo it. `stuck` in the record means: not verified yet, and the injector goes on."""
        return self._record(await self._ask("DELETE", f"/faults/{fault_id}?by={by}", patient=True))

    async def get(self, fault_id: str) -> FaultRecord:
        return self._record(await self._ask("GET", f"/faults/{fault_id}"))

    async def faults(self, run_id: str | None = None) -> list[FaultRecord]:
        wanted = {} if run_id is None else {"run_id": run_id}
        return _RECORDS.validate_python(await self._ask("GET", "/faults", params=wanted))

    async def check(self, injection: Injection) -> str:
        """Why the injection would be refused now; empty when it would not."""
        body, slow = injection.model_dump_json(), injection.fault.changes_component
        return str((await self._ask("POST", "/check", body, patient=slow))["refusal"])

    async def act(self, act_id: str, order: ActOrder) -> ActRecord:
        """Carry a step out for good; the record of one that was. Look at its state."""
        body = order.model_dump_json()
        return self._act(await self._ask("PUT", f"/acts/{act_id}", body, patient=True))

    async def verify_act(self, act_id: str) -> ActRecord:
        """Read it back again."""
        return self._act(await self._ask("POST", f"/acts/{act_id}/verify", patient=True))

    async def undo_act(self, act_id: str) -> ActRecord:
        """Put back what was there before it. `undo_failed` says why that did not work."""
        return self._act(await self._ask("POST", f"/acts/{act_id}/undo", patient=True))

    async def acts(self, run_id: str) -> list[ActRecord]:
        return _ACTS.validate_python(await self._ask("GET", "/acts", params={"run": run_id}))

    async def outlook(self, order: ActOrder) -> ActOutlook:
        """What would become of an act now, and how many people must approve it."""
        body = order.model_dump_json()
        return ActOutlook.model_validate(await self._ask("POST", "/acts/check", body, patient=True))

    async def stop(self) -> list[FaultRecord]:
        """Clear everything and refuse new faults until `resume`; returns what was held."""
        return _RECORDS.validate_python(await self._ask("POST", "/stop", patient=True))

    async def resume(self) -> None:
        await self._ask("POST", "/resume")

    async def say(self, statement: Statement, *, by: str = "", proof: Given | None = None) -> Word:
        """Let it keep a statement; returns whose it took it to be, and how it knows.

        by: a name, believed only where the policy has no people.
        """
        body = {"statement": statement.model_dump(mode="json"), "by": by}
        body |= {"proof": proof.model_dump(mode="json")} if proof else {}
        said = await self._ask("POST", "/approvals", json.dumps(body), patient=True)
        return Word.model_validate(said)

    async def heard(
        self, digest: str, *, run_id: str, asked_by: str, within_s: float = 86_400.0
    ) -> Heard:
        """Who has said yes, no or what else about a digest, as the injector counts it."""
        asked = {"run_id": run_id, "asked_by": asked_by, "within_s": str(within_s)}
        return Heard.model_validate(await self._ask("GET", f"/approvals/{digest}", params=asked))

    async def journal(self, run_id: str) -> list[Event]:
        return _EVENTS.validate_python(
            await self._ask("GET", "/journal", params={"run_id": run_id})
        )

    async def watch(self, run_id: str, marker: MarkerMatch | None) -> WatchState:
        """Let every gate log this run's calls, until `unwatch` or until nobody asks for long."""
        order = WatchOrder(marker=marker).model_dump_json()
        return WatchState.model_validate(await self._ask("PUT", f"/watches/{run_id}", order))

    async def watched(self, run_id: str) -> WatchState:
        """What the gates have counted since; also lets them watch on."""
        return WatchState.model_validate(await self._ask("GET", f"/watches/{run_id}"))

    async def calls(self, run_id: str) -> list[Call]:
        """Every call that the gates have logged, by when it began."""
        logged = await self._ask("GET", f"/watches/{run_id}/calls", patient=True)
        return _CALLS.validate_python(logged)

    async def unwatch(self, run_id: str) -> None:
        await self._ask("DELETE", f"/watches/{run_id}")

    async def health(self) -> Health:
        return Health.model_validate(await self._ask("GET", "/health"))

    @staticmethod
    def _record(answer: Any) -> FaultRecord:
        return FaultRecord.model_validate(answer)

    @staticmethod
    def _act(answer: Any) -> ActRecord:
        return ActRecord.model_validate(answer)

    async def _ask(
        self,
        method: str,
        where: str,
        body: str | None = None,
        *,
        params: dict[str, str] | None = None,
        patient: bool = False,
    ) -> Any:
        """patient: a path may hang several times over, and an operator's mechanism be slow."""
        timeout_s = self._timeout_s * (4 if patient else 1)
        try:
            async with httpx.AsyncClient(
                verify=self._tls, timeout=timeout_s, trust_env=False, headers=self._headers
            ) as http:
                response = await http.request(
                    method, f"{self.url}{where}", content=body, params=params or None
                )
            answer = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise InjectorUnreachableError(
                f"the injector at {self.url} did not answer {method} {where} "
                f"({type(error).__name__})",
                next_step="look whether it runs; what it holds is undone when its lease is over",
            ) from error
        if response.is_success:
            return answer
        sentence, next_step = str(answer.get("error", response.text)), str(answer.get("next", ""))
        if response.is_client_error or response.status_code == _REFUSED_ANYWAY:
            raise InjectorRefusedError(sentence, next_step=next_step)
        raise InjectorUnreachableError(sentence, next_step=next_step)
