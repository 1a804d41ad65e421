"""The fault `verifier_fault`: what checks requests or answers is slow, down, or always says yes."""

import json
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from gameday.domain.tool_contract import holders
from gameday.domain.wire import Answer, Event, Hit, Send, Steps
from gameday.faults._answers import JSON
from gameday.faults._gate import Edits
from gameday.faults._service import FieldName, ServiceFault
from gameday.faults._streams import with_data


class VerifierFault(ServiceFault):
    """Take a guardrail away, make it slow, or let it say yes to everything.

    On the wire: `slow` holds each question to the verifier for `latency_ms`; `down` answers it
    with `status` and no verdict; `always_yes` puts `yes` in the place of the verdict, which stands
    at `verdict` in the verifier's answer, a path of names with dots. A verdict that was yes already
    is no change.

    In reports: clients' requests that such questions were asked for, by their ids; where ids do
    not get as far as the verifier, answers that score worse than the baseline's.

    Source: Envoy's `failure_mode_allow` of ext_authz and Kubernetes' `failurePolicy: Ignore` of
    admission webhooks: whether a check that does not answer lets everything through is one line of
    a configuration, and nobody sees it before the day.
    """

    model_config = {"json_schema_extra": {"examples": [{"how": "down"}]}}
    sort: ClassVar[str] = "verifier"
    edits: ClassVar[Edits] = Edits.BOTH
    legend: ClassVar[str] = "verifier broken"

    how: Annotated[Literal["slow", "down", "always_yes"], Field(examples=["down"])]
    latency_ms: Annotated[int, Field(ge=1, le=600_000)] = 30_000
    status: Annotated[int, Field(ge=400, le=599)] = 503
    verdict: FieldName | None = None
    yes: bool | str | int | float = True

    @model_validator(mode="after")
    def _settings_are_of_this_failure(self) -> Self:
        if self.how == "always_yes" and self.verdict is None:
            raise ValueError("how: always_yes needs verdict, where the answer says yes or no")
        own = {"slow": {"latency_ms"}, "down": {"status"}, "always_yes": {"verdict", "yes"}}
        others = {name for how, names in own.items() if how != self.how for name in names}
        if foreign := sorted(self.said(others)):
            raise ValueError(f"how: {self.how} takes no {' and no '.join(foreign)}")
        return self

    def hold_s(self, hit: Hit) -> float:  # noqa: ARG002 - the contract
        return self.latency_ms / 1000 if self.how == "slow" else 0.0

    def instead(self, hit: Hit) -> Answer | None:  # noqa: ARG002 - the contract
        if self.how != "down":
            return None
        said = {"error": {"code": "unavailable", "message": "the verifier is not available"}}
        return Answer(self.status, (JSON,), json.dumps(said).encode())

    def on_event(self, hit: Hit, event: Event) -> Steps:  # noqa: ARG002 - the contract
        changed = self._changed(event.data)
        return (Send(event.raw if changed is None else with_data(event, changed)),)

    def on_body(self, hit: Hit, body: bytes) -> Steps:  # noqa: ARG002 - the contract
        changed = self._changed(body)
        return (Send(body if changed is None else changed),)

    def _changed(self, text: bytes) -> bytes | None:
        """`text` with another verdict; None when it has none, or says yes already."""
        if self.verdict is None:
            return None
        try:
            document: Any = json.loads(text)
        except (ValueError, RecursionError):
            return None
        *_, name = path = self.verdict.split(".")
        said_no = [one for one in holders(document, path) if not self._is_yes(one[name])]
        for holder in said_no:
            holder[name] = self.yes
        return json.dumps(document, separators=(",", ":")).encode() if said_no else None

    def _is_yes(self, said: Any) -> bool:
        return type(said) is type(self.yes) and bool(said == self.yes)
