"""All rules of one gate, in force and ended: puts them, renews them, remembers them."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping

from gameday.catalog import kinds
from gameday.domain.drill import Scope
from gameday.domain.errors import FileError
from gameday.domain.gate import Rule, RuleState
from gameday.domain.gate_config import NO_DIALECT
from gameday.domain.wire import Dialect
from gameday.faults._gate import GateFault
from gameday.gate.dialects import find
from gameday.gate.listener import Listener
from gameday.gate.rules import ArmedRule

_REMEMBERED_S = 3_600.0
_REMEMBERED_MAX = 1_000


class RuleRefusedError(Exception):
    """Why a rule cannot be put or renewed, with the HTTP status for it."""

    def __init__(self, status: int, sentence: str, next_step: str = "") -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.next_step = next_step


class RuleBook:
    """Every method is done when it returns: nothing is between two states."""

    def __init__(self, listeners: Mapping[str, Listener], loop: asyncio.AbstractEventLoop) -> None:
        self._listeners = listeners
        self._loop = loop
        self._rules: OrderedDict[str, ArmedRule] = OrderedDict()

    def put(self, rule: Rule) -> RuleState:
        """Put it in force, or give it a new lease where it is already. Raises RuleRefusedError."""
        known = self._rules.get(rule.id)
        if known is not None:
            return self._put_again(known, rule)
        listener = self._listeners.get(rule.listener)
        if listener is None:
            names = ", ".join(sorted(self._listeners))
            raise RuleRefusedError(
                422, f"this gate has no listener {rule.listener}; it has {names}", "gate.yaml"
            )
        spoken = listener.config.dialect
        dialect = None if spoken == NO_DIALECT else find(spoken)
        fault = _fault(rule, dialect)
        _refuse_unknown_upstreams(fault, listener)
        if listener.rule is not None:
            raise RuleRefusedError(
                409,
                f"rule {listener.rule.id} is in force at listener {listener.name}",
                "clear it first; two faults never overlap on one listener",
            )
        armed = ArmedRule(rule, fault, dialect, listener)
        listener.rule = armed
        self._rules[rule.id] = armed
        self._forget()
        return armed.state()

    def _put_again(self, known: ArmedRule, rule: Rule) -> RuleState:
        same = known.rule.model_copy(update={"lease_s": rule.lease_s})
        if rule != same:
            raise RuleRefusedError(409, f"rule {rule.id} is another one", "choose another id")
        return self.renew(rule.id, rule.lease_s)

    def renew(self, rule_id: str, lease_s: float) -> RuleState:
        """Raises RuleRefusedError."""
        armed = self._known(rule_id)
        if armed.ended:
            raise RuleRefusedError(409, f"rule {rule_id} has ended: {armed.ended}")
        armed.renew(lease_s)
        return armed.state()

    def clear(self, rule_id: str) -> RuleState:
        """Raises RuleRefusedError when nobody knows it."""
        armed = self._known(rule_id)
        armed.end("cleared")
        return armed.state()

    def get(self, rule_id: str) -> RuleState:
        """Raises RuleRefusedError when nobody knows it."""
        return self._known(rule_id).state()

    def states(self) -> tuple[RuleState, ...]:
        self._forget()
        return tuple(armed.state() for armed in self._rules.values())

    def end_all(self, why: str) -> None:
        for armed in self._rules.values():
            armed.end(why)

    def _known(self, rule_id: str) -> ArmedRule:
        if rule_id not in self._rules:
            raise RuleRefusedError(404, f"this gate knows no rule {rule_id}")
        return self._rules[rule_id]

    def _forget(self) -> None:
        """Those that ended long ago, and the oldest beyond a bound."""
        now = self._loop.time()
        surplus = len(self._rules) - _REMEMBERED_MAX
        for rule_id, armed in tuple(self._rules.items()):
            if armed.ended and (surplus > 0 or now - armed.ended_s > _REMEMBERED_S):
                del self._rules[rule_id]
                surplus -= 1


def _fault(rule: Rule, dialect: Dialect | None) -> GateFault:
    """The fault that the rule states. Raises RuleRefusedError when it cannot be done there."""
    kind, scope = rule.fault.kind, rule.fault.scope
    try:
        fault = kinds.faults.make(rule.fault)
    except FileError as error:
        raise RuleRefusedError(422, error.sentence, error.next_step) from error
    if not isinstance(fault, GateFault):
        raise RuleRefusedError(422, f"fault {kind} is not one that the gate carries out")
    if scope not in fault.scopes:
        raise RuleRefusedError(422, f"fault {kind} does not support scope {scope.value}")
    if objection := fault.objection(scope) or fault.misfit(dialect):
        raise RuleRefusedError(422, f"fault {kind}: {objection}")
    if scope is Scope.MARKED and rule.marker is None:
        raise RuleRefusedError(
            422, "scope marked needs a marker", "set front_door.marker in the target file"
        )
    return fault


def _refuse_unknown_upstreams(fault: GateFault, listener: Listener) -> None:
    """A rule names a place; only the gate's own file says where that is."""
    for name in fault.upstreams():
        if name not in listener.alternates:
            known = ", ".join(sorted(listener.alternates)) or "none"
            raise RuleRefusedError(
                422,
                f"listener {listener.name} has no alternate {name}; it has {known}",
                "add it to `alternates:` of that listener in the gate file",
            )
