"""The routes of the gate's admin API. Each is done when it returns."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, NamedTuple, TypeVar

from pydantic import Field, ValidationError

from gameday.domain.errors import GamedayError
from gameday.domain.gate import GateState, ListenerState, Rule, WatchOrder
from gameday.domain.value import Value
from gameday.gate.boot import Boot
from gameday.gate.listener import Listener
from gameday.gate.rulebook import RuleBook, RuleRefusedError
from gameday.gate.watchbook import WatchBook

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")

Body = TypeVar("Body", bound=Value)


class Renewal(Value):
    """How long a rule may live from now on."""

    lease_s: Annotated[float, Field(gt=0, le=3600)]


class Ask(NamedTuple):
    """One call of the admin API."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes


class Said(NamedTuple):
    status: int
    body: bytes


class Routes:
    """Finds the route of a call, and says in a sentence why it cannot be done."""

    def __init__(
        self, rules: RuleBook, watches: WatchBook, listeners: Mapping[str, Listener], boot: Boot
    ) -> None:
        self._rules = rules
        self._watches = watches
        self._listeners = listeners
        self._boot = boot

    def answer(self, ask: Ask) -> Said:
        try:
            return self._route(ask)
        except RuleRefusedError as error:
            return no(error.status, error.sentence, error.next_step)
        except GamedayError as error:
            return no(422, error.sentence, error.next_step)

    def _route(self, ask: Ask) -> Said:
        parts = ask.path.strip("/").split("/")
        if parts == ["state"] and ask.method == "GET":
            return _value(self._state())
        if parts[0] not in {"rules", "watches"} or len(parts) not in {2, 3}:
            return no(404, f"there is no {ask.path} here")
        if not _ID.fullmatch(parts[1]):
            return no(422, "an id is 1 to 101 letters, digits, dots, dashes or underscores")
        routes = self._of_rules(ask) if parts[0] == "rules" else self._of_watches(ask)
        route = routes.get((ask.method, *parts[2:]))
        if route is None:
            return no(405, f"{ask.method} cannot be done to {ask.path}")
        return route(parts[1])

    def _of_rules(self, ask: Ask) -> dict[tuple[str, ...], Callable[[str], Said]]:
        rules = self._rules
        return {
            ("PUT",): lambda rule_id: self._put_rule(rule_id, ask),
            ("GET",): lambda rule_id: _value(rules.get(rule_id)),
            ("DELETE",): lambda rule_id: _value(rules.clear(rule_id)),
            ("POST", "renew"): lambda rule_id: _value(
                rules.renew(rule_id, _read(Renewal, ask).lease_s)
            ),
        }

    def _of_watches(self, ask: Ask) -> dict[tuple[str, ...], Callable[[str], Said]]:
        watches = self._watches
        return {
            ("PUT",): lambda run_id: _value(watches.put(run_id, _read(WatchOrder, ask))),
            ("GET",): lambda run_id: _value_or_404(watches.get(run_id), run_id),
            ("DELETE",): lambda run_id: _value_or_404(watches.remove(run_id), run_id),
            ("GET", "calls"): lambda run_id: self._calls(run_id, ask),
        }

    def _put_rule(self, rule_id: str, ask: Ask) -> Said:
        rule = _read(Rule, ask)
        if rule.id != rule_id:
            raise RuleRefusedError(422, f"the body is about rule {rule.id}, not {rule_id}")
        return _value(self._rules.put(rule))

    def _calls(self, run_id: str, ask: Ask) -> Said:
        begin = ask.query.get("from", "0")
        if not re.fullmatch(r"[0-9]{1,9}", begin):
            return no(422, f"expected ?from= and a number, found {begin!r}")
        page = self._watches.calls(run_id, int(begin))
        return _no_watch(run_id) if page is None else _said(page)

    def _state(self) -> GateState:
        return GateState(
            boot=self._boot.name,
            started_at=datetime.fromtimestamp(self._boot.at_s, UTC),
            listeners=tuple(_listener_state(one) for one in self._listeners.values()),
            rules=self._rules.states(),
        )


def no(status: int, sentence: str, next_step: str = "") -> Said:
    return _said({"error": sentence, "next": next_step}, status)


def _listener_state(listener: Listener) -> ListenerState:
    return ListenerState(
        name=listener.name,
        listen=listener.config.listen,
        upstream=listener.config.upstream,
        dialect=listener.config.dialect,
        requests=listener.requests,
        open=len(listener.clients),
    )


def _read(wanted: type[Body], ask: Ask) -> Body:
    """Raises RuleRefusedError for a body that is none of these."""
    try:
        return wanted.model_validate_json(ask.body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the body"
        name = wanted.__name__.lower()
        raise RuleRefusedError(422, f"not a valid {name}: {where}: {first['msg']}") from error


def _said(document: object, status: int = 200) -> Said:
    return Said(status, json.dumps(document).encode())


def _value(value: Value) -> Said:
    return Said(200, value.model_dump_json().encode())


def _value_or_404(value: Value | None, run_id: str) -> Said:
    return _no_watch(run_id) if value is None else _value(value)


def _no_watch(run_id: str) -> Said:
    return no(404, f"this gate keeps no watch for run {run_id}", "begin it anew")
