"""What the faults of the HTTP gate share: whom they touch, how they are armed, how they are proved.

A fault file says what happens on the wire in at most five methods: `hold_s`, `instead`,
`on_request`, `on_event` and `on_body`. They run in the gate's process, between two bytes of
somebody's traffic: no waiting, no input or output, nothing that grows.
"""

from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from gameday.domain.drill import Scope
from gameday.domain.errors import InjectorRefusedError, LeaseEndedError
from gameday.domain.fault import Fault, Felt
from gameday.domain.gate import Evidence
from gameday.domain.lease import FaultRecord, gate_evidence
from gameday.domain.ports import GatePath, Undo
from gameday.domain.quantities import Seconds
from gameday.domain.sample import Outcome
from gameday.domain.value import Value
from gameday.domain.window import Window
from gameday.domain.wire import Answer, Condition, Dialect, Event, Hit, Onward, Send, Steps
from gameday.faults._attempts import Effect, felt_by

Pattern = Annotated[str, Field(min_length=1, max_length=200, examples=["/v1/chat/*"])]


class Edits(StrEnum):
    """Which part of the provider's own answer a fault changes; the gate reads no more than that."""

    NOTHING = "nothing"
    STREAM = "stream"
    BODY = "body"
    BOTH = "both"


class ShareStep(Value):
    """Another share, from some time after the fault was armed."""

    after: Annotated[Seconds, Field(gt=0)]
    share: Annotated[float, Field(gt=0, le=1)]


class GateFault(Fault):
    """A fault that the HTTP gate carries out, in the provider's own dialect."""

    port: ClassVar[str] = "gate"
    scopes: ClassVar[frozenset[Scope]] = frozenset(Scope)
    evidence: ClassVar[str] = "the gate's own count of changed answers, and requests that show it"
    reads_request: ClassVar[bool] = False  # whether `hit.request.body` is needed
    edits: ClassVar[Edits] = Edits.NOTHING
    touched: ClassVar[str] = "answers"  # what the gate counts as changed

    share: Annotated[float, Field(gt=0, le=1, examples=[0.25])] = 1.0
    later: Annotated[
        tuple[ShareStep, ...], Field(max_length=10, examples=[({"after": "20s", "share": 0.16},)])
    ] = ()
    sticky_by: (
        Annotated[
            str,
            Field(
                pattern=r"^(key|header:[a-z0-9-]{1,80}|body:[A-Za-z0-9_.-]{1,120})$",
                examples=["header:x-user"],
            ),
        ]
        | None
    ) = None
    routes: Annotated[tuple[Pattern, ...], Field(max_length=20)] = ()
    models: Annotated[tuple[Pattern, ...], Field(max_length=20)] = ()
    hits_max: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    ramp: Seconds | None = None  # the share grows from nothing during so long
    duration: Seconds | None = None  # then it touches nothing more, although it is still armed
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 0

    @model_validator(mode="after")
    def _steps_follow_each_other(self) -> Self:
        moments = [step.after for step in self.later]
        if moments != sorted(set(moments)):
            raise ValueError("each step of `later` must come after the one before it")
        if self.later and self.ramp is not None and self.later[0].after < self.ramp:
            raise ValueError("the first step of `later` comes before the ramp is over")
        return self

    # --- on the wire --------------------------------------------------------------------------

    def hold_s(self, hit: Hit) -> float:  # noqa: ARG002 - the contract
        """How long the request is held before anything else happens to it."""
        return 0.0

    def instead(self, hit: Hit) -> Answer | None:  # noqa: ARG002 - the contract
        """The answer that the client gets in the provider's place; None lets the request pass."""
        return None

    def on_request(self, hit: Hit) -> Onward | None:  # noqa: ARG002 - the contract
        """What goes on to the provider in the request's place; None lets it go on as it came.

        Needs `reads_request`.
        """
        return None

    def on_event(self, hit: Hit, event: Event) -> Steps:  # noqa: ARG002 - the contract
        """What goes out for one event of a streamed answer. Needs `edits` STREAM or BOTH."""
        return (Send(event.raw),)

    def on_body(self, hit: Hit, body: bytes) -> Steps:  # noqa: ARG002 - the contract
        """What goes out for the whole body of an unstreamed answer. Needs `edits` BODY or BOTH."""
        return (Send(body),)

    def upstreams(self) -> tuple[str, ...]:
        """Which of the listener's alternates it sends requests to. Asked before it is armed."""
        return ()

    def conditions(self) -> tuple[Condition, ...]:
        """What a provider must be able to say for this fault to be one of its own."""
        return ()

    def misfit(self, dialect: Dialect | None) -> str:
        """Why nobody behind a listener of this dialect fails so; '' when one does.

        Asked before it is armed. None: who answers there is no model provider.
        """
        if dialect is None:
            return "it is a model provider's failure, and its listener says `dialect: none`"
        silent = [condition for condition in self.conditions() if not dialect.says(condition)]
        if not silent:
            return ""
        return f"a provider of dialect {dialect.name} never says {' or '.join(silent)}"

    # --- armed and cleared --------------------------------------------------------------------

    def objection(self, scope: Scope) -> str:
        if scope is Scope.SHARE and self.share == 1.0 and self.ramp is None:
            return "scope share needs a `share` below 1; all traffic is scope all"
        return ""

    async def snapshot(self, path: GatePath) -> Undo:  # noqa: ARG002 - a rule replaces nothing
        return {}

    async def inject(self, path: GatePath, fault_id: str) -> None:
        await path.arm(fault_id)

    async def confirm(self, path: GatePath, fault_id: str) -> dict[str, Any]:
        """Raises LeaseEndedError when the gate has let it go with its lease."""
        rule = await path.rule(fault_id)
        if rule is None:
            raise InjectorRefusedError(await _why_unknown(path, fault_id))
        if rule.ended == "lease":
            raise LeaseEndedError(f"the gate ended rule {fault_id} with its lease")
        if rule.ended:
            raise InjectorRefusedError(f"the gate holds rule {fault_id} no longer: {rule.ended}")
        return {"boot": (await path.read()).boot}

    async def measure(self, path: GatePath, fault_id: str) -> dict[str, Any]:
        rule = await path.rule(fault_id)
        return {"gate": rule.evidence.model_dump(mode="json")} if rule else {}

    async def restore(self, path: GatePath, fault_id: str, undo: Undo) -> None:  # noqa: ARG002 - the contract
        await path.remove(fault_id)

    async def is_restored(self, path: GatePath, fault_id: str, undo: Undo) -> bool:  # noqa: ARG002 - the contract
        rule = await path.rule(fault_id)
        return rule is None or rule.ended != ""

    # --- felt ---------------------------------------------------------------------------------

    def effect(self, provider: str, baseline: Window) -> Effect | Felt:  # noqa: ARG002 - the contract
        """How the client's samples show it; a Felt that says why they cannot."""
        return Effect(
            ends=lambda outcome: outcome is not Outcome.OK,
            one="got no good answer there",
            many="got no good answer there",
        )

    def proof(
        self,
        counted: Evidence,  # noqa: ARG002 - the contract
        provider: str,
        baseline: Window,
        faulted: Window,
    ) -> Felt:
        """Whether the client noticed what the gate has counted; as a rule its samples show it."""
        return self.shown(provider, baseline, faulted)

    def shown(self, provider: str, baseline: Window, faulted: Window) -> Felt:
        """Whether the client's samples show it."""
        effect = self.effect(provider, baseline)
        if isinstance(effect, Felt):
            return effect
        return felt_by(effect, provider, baseline, faulted)

    def felt(self, record: FaultRecord, provider: str, baseline: Window, faulted: Window) -> Felt:
        """Both must say so: the gate that it changed answers, the client that it noticed."""
        counted = gate_evidence(record)
        if counted is None:
            return Felt(0, f"the gate before {provider} did not tell what it changed")
        if not counted.hits:
            matched = f"{counted.matches}" if counted.matches else "none"
            one = self.touched.removesuffix("s")
            return Felt(
                0, f"of the requests at {provider} {matched} matched, and no {one} was changed"
            )
        changed = f"the gate changed {counted.hits} of {counted.matches} {self.touched}"
        shown = self.proof(counted, provider, baseline, faulted)
        if not shown.felt and (unanswered := _unanswered(counted, faulted)):
            return Felt(counted.hits, f"{changed}; {unanswered} of these requests got no answer")
        if not shown.felt and (rescued := _rescued(counted, provider, baseline, faulted)):
            return Felt(counted.hits, f"{changed}; others answered {rescued} of these requests")
        if not shown.felt:
            return Felt(0, f"{changed}, but the client did not feel it: {shown.sentence}")
        return Felt(counted.hits, f"{changed}; {shown.sentence}")


def _unanswered(counted: Evidence, faulted: Window) -> int:
    """How many requests that the gate has touched ended with nothing, not even a told attempt.

    A client that gave up waiting saw no header, so only the gate knows which provider it was.
    """
    touched = frozenset(counted.request_ids)
    return sum(
        sample.request_id in touched and not sample.good and not sample.attempts
        for sample in faulted.samples
    )


def _rescued(counted: Evidence, provider: str, baseline: Window, faulted: Window) -> int:
    """How many requests that the gate has touched were answered by another provider.

    This stands for attempts where a front door tells none of them, ever. One that does tell is
    believed: if it names others for its attempts, the fault was not what moved them.
    """
    if {*baseline.samples.tally("attempts"), *faulted.samples.tally("attempts")} != {()}:
        return 0
    others = faulted.good.where("served_by", lambda name: name not in {None, provider})
    return len(frozenset(counted.request_ids).intersection(others.texts("request_id")))


async def _why_unknown(path: GatePath, fault_id: str) -> str:
    state = await path.read()
    return (
        f"the gate knows no rule {fault_id}: its process (since {state.started_at:%H:%M:%S} UTC) "
        "has none in memory"
    )
