"""Rules: a fault armed at one listener, whom it touches, what it has done, and its end."""

import fnmatch
import logging
import random
import re
import traceback
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from gameday.domain.drill import Scope
from gameday.domain.gate import Evidence, Rule, RuleState
from gameday.domain.wire import Dialect, WireRequest
from gameday.faults._gate import GateFault
from gameday.gate import markers
from gameday.gate.asked import api_key, field
from gameday.gate.selection import Selection

if TYPE_CHECKING:
    from gameday.gate.exchange import Exchange
    from gameday.gate.listener import Listener

_log = logging.getLogger(__name__)
_REQUEST_IDS_MAX = 1_000


class Weighed(Enum):
    """What a rule says of a request."""

    PASSES = "passes"
    NEEDS_BODY = "needs body"
    CHOSEN = "chosen"


class Held(Protocol):
    """A request or an answer that a rule holds up."""

    def release(self) -> None:
        """The rule has ended: go on as if it had never been there."""


class ArmedRule:
    """One rule, from the moment it is put. It ends once, and then touches nothing more."""

    def __init__(
        self, rule: Rule, fault: GateFault, dialect: Dialect | None, listener: "Listener"
    ) -> None:
        self.rule = rule
        self.id = rule.id
        self.fault = fault
        self.dialect = dialect
        self.listener = listener
        self.ended = ""
        self.ended_s = 0.0
        self.memory: dict[str, Any] = {}
        self.draw: Callable[[], float] = random.Random(fault.seed).random  # noqa: S311 - repeatable
        self.holds: set[Held] = set()
        self._armed_s = listener.loop.time()
        self._ends_s = 0.0
        self._lease = listener.loop.call_later(rule.lease_s, self._lease_over)
        self._selection = Selection(
            share=fault.share,
            ramp_s=fault.ramp,
            seed=fault.seed,
            later=[(step.after, step.share) for step in fault.later],
        )
        self._routes = _any_of(fault.routes)
        self._models = _any_of(fault.models)
        self._marker = rule.marker if rule.fault.scope is Scope.MARKED else None
        header = self._marker.header if self._marker is not None else None
        self._header = header.encode() if header is not None else None
        self._needs_body = (
            fault.reads_request
            or self._models is not None
            or markers.needs_body(self._marker)
            or (fault.sticky_by or "").startswith("body:")
        )
        self._matches = self._hits = self._bytes = 0
        self._first_at: datetime | None = None
        self._last_at: datetime | None = None
        self._request_ids: deque[str] = deque(maxlen=_REQUEST_IDS_MAX)
        self.renew(rule.lease_s)

    # --- the lease ----------------------------------------------------------------------------

    def renew(self, lease_s: float) -> None:
        loop = self.listener.loop
        self._ends_s = loop.time() + lease_s
        self._lease.cancel()
        self._lease = loop.call_later(lease_s, self._lease_over)

    def _lease_over(self) -> None:
        self.end("lease")

    def end(self, why: str) -> None:
        """Touch nothing more, and let go of what is held. Repeatable: the first reason stays."""
        if self.ended:
            return
        self.ended = why
        self.ended_s = self.listener.loop.time()
        self._lease.cancel()
        if self.listener.rule is self:
            self.listener.rule = None
        held, self.holds = self.holds, set()
        for one in held:
            one.release()

    def break_down(self, error: Exception) -> None:
        """The fault itself has failed: traffic must not suffer from that."""
        place = traceback.extract_tb(error.__traceback__)[-1:] if error.__traceback__ else []
        _log.error("rule %s is ended: its fault failed", self.id, exc_info=error)
        where = f" ({place[0].name}, line {place[0].lineno})" if place else ""
        self.end(f"broken: {type(error).__name__}: {error}{where}")

    # --- whom it touches ----------------------------------------------------------------------

    def passes_unread(self, exchange: "Exchange") -> bool:
        """Whether the raw head alone tells that this is nobody the rule is for.

        That is what most requests are under a marked rule, and they must cost next to nothing.
        """
        return self._header is not None and not exchange.has_header(self._header)

    def weigh(self, request: WireRequest, *, whole: bool) -> Weighed:
        """Counts a request whose conditions fit. whole: its body has been read as well."""
        now = self.listener.loop.time()
        if now >= self._ends_s:  # a timer that is late must not make the lease longer
            self.end("lease")
        if self.ended or not _fits(self._routes, request.path):
            return Weighed.PASSES
        told_by_head = self._marker is not None and not markers.needs_body(self._marker)
        if told_by_head and not self._is_marked(request):
            return Weighed.PASSES
        if self._needs_body and not whole:
            return Weighed.NEEDS_BODY
        if not told_by_head and not self._is_marked(request):
            return Weighed.PASSES
        if self._models is not None and not _fits(self._models, self._model(request)):
            return Weighed.PASSES
        self._matches += 1
        return Weighed.CHOSEN if self._chooses(request, now - self._armed_s) else Weighed.PASSES

    def _model(self, request: WireRequest) -> str:
        return "" if self.dialect is None else self.dialect.model(request)

    def _is_marked(self, request: WireRequest) -> bool:
        if self._marker is None:
            return True
        mark = markers.find(self._marker, request, self.rule.run_id)
        return mark is not None and mark.run_id == self.rule.run_id

    def _chooses(self, request: WireRequest, armed_for_s: float) -> bool:
        fault = self.fault
        if fault.duration is not None and armed_for_s >= fault.duration:
            return False
        if self._is_used_up():
            return False
        if fault.sticky_by is None:
            return self._selection.choose(armed_for_s)
        return self._selection.choose_key(_sticky_key(fault.sticky_by, request), armed_for_s)

    def _is_used_up(self) -> bool:
        return self.fault.hits_max is not None and self._hits >= self.fault.hits_max

    # --- what it has done ---------------------------------------------------------------------

    def count_hit(self, request_id: str) -> bool:
        """Before an answer is changed. False when no more may be."""
        if self.ended or self._is_used_up():
            return False
        self._hits += 1
        self._last_at = datetime.now(UTC)
        self._first_at = self._first_at or self._last_at
        self._request_ids.append(request_id)
        return True

    def count_bytes(self, count: int) -> None:
        self._bytes += count

    def state(self) -> RuleState:
        left_s = self._ends_s - self.listener.loop.time()
        return RuleState(
            id=self.id,
            listener=self.listener.name,
            kind=self.rule.fault.kind,
            expires_in_s=0.0 if self.ended else max(0.0, left_s),
            ended=self.ended,
            evidence=Evidence(
                matches=self._matches,
                hits=self._hits,
                held=len(self.holds),
                bytes=self._bytes,
                first_at=self._first_at,
                last_at=self._last_at,
                request_ids=tuple(self._request_ids),
            ),
        )


def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str] | None:
    return re.compile("|".join(map(fnmatch.translate, patterns))) if patterns else None


def _fits(pattern: re.Pattern[str] | None, text: str) -> bool:
    return pattern is None or pattern.match(text) is not None


def _sticky_key(sticky_by: str, request: WireRequest) -> str:
    kind, _, name = sticky_by.partition(":")
    if kind == "key":
        return api_key(request.headers)
    if kind == "header":
        return request.headers.get(name, "")
    return field(request.body, name)
