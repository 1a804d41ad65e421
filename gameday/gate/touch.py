"""What a rule does to one request: weigh it, hold it, answer in the provider's place, or edit."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from gameday.domain.wire import Answer, Hit, WireRequest
from gameday.faults._gate import Edits
from gameday.gate import markers
from gameday.gate.asked import wire_request, with_body
from gameday.gate.delays import Delay
from gameday.gate.edits import BodyEditor, Editor, StreamEditor
from gameday.gate.framing import AnswerHead, Headers, header_line
from gameday.gate.rules import ArmedRule, Weighed
from gameday.gate.watches import Noted

if TYPE_CHECKING:
    from gameday.gate.exchange import Exchange

_HOLD_S_MAX = 7 * 86_400.0


def consider(exchange: "Exchange") -> None:
    """Let watches and the rule look at a request before it goes on."""
    listener = exchange.listener
    if listener.watches:
        exchange.noted = Noted(exchange, listener.watches)
    if listener.rule is None or listener.rule.passes_unread(exchange):
        exchange.pass_on()
    else:
        Touch(exchange, listener.rule).begin()


class Touch:
    """One request under a rule. Whatever the fault does, the request goes on when it fails."""

    __slots__ = ("_chosen", "_timer", "counted", "exchange", "hit", "prepared", "request", "rule")

    hit: Hit

    def __init__(self, exchange: "Exchange", rule: ArmedRule) -> None:
        self.exchange = exchange
        self.rule = rule
        self.counted = False
        self.prepared: tuple[int, list[bytes], bytes] | None = None  # an answer that waits
        self.request = wire_request(exchange.method, exchange.target, exchange.headers)
        self._timer: Delay | None = None
        self._chosen = False

    # --- chosen or not ------------------------------------------------------------------------

    def begin(self) -> None:
        """Weigh the request by its head; what the rule wants to touch is read to its end."""
        exchange = self.exchange
        weighed = self.rule.weigh(self.request, whole=False)
        if weighed is Weighed.PASSES:
            exchange.pass_on()
            return
        self._chosen = weighed is Weighed.CHOSEN
        exchange.touch = self
        exchange.collect()
        if exchange.done:
            self.complete_body()

    def complete_body(self) -> None:
        rule = self.rule
        if not self._chosen:
            self.request = with_body(self.request, b"".join(self.exchange.pending))
            try:
                self._chosen = rule.weigh(self.request, whole=True) is Weighed.CHOSEN
            except Exception as error:  # noqa: BLE001 - a dialect's fault must not stop traffic
                rule.break_down(error)
        if not self._chosen or rule.ended:
            self._pass_untouched()
            return
        self.hit = Hit(
            request=self._named_request(),
            speaks=rule.dialect,
            now_s=rule.listener.loop.time(),
            draw=rule.draw,
            memory=rule.memory,
        )
        self._hold()

    def _named_request(self) -> WireRequest:
        """The request under the name that the drill gave it, if it did."""
        noted, marker = self.exchange.noted, self.rule.rule.marker
        name = noted.request_id if noted is not None else ""
        if not name and marker is not None:
            mark = markers.find(marker, self.request, self.rule.rule.run_id)
            name = mark.request_id if mark is not None else ""
        return replace(self.request, id=name) if name else self.request

    # --- held ---------------------------------------------------------------------------------

    def _hold(self) -> None:
        try:
            hold_s = min(float(self.rule.fault.hold_s(self.hit)), _HOLD_S_MAX)
        except Exception as error:  # noqa: BLE001 - a broken fault must not stop traffic
            self.rule.break_down(error)
            hold_s = 0.0
        if hold_s > 0 and self.count():
            self._wait(hold_s)
        else:
            self._act()

    def _wait(self, seconds: float) -> None:
        self.rule.holds.add(self)
        self._timer = self.rule.listener.delays.later(seconds, self._waited)

    def _waited(self) -> None:
        self._timer = None
        self.rule.holds.discard(self)
        if self.prepared is None:
            self._act()
        else:
            self._give()

    def release(self) -> None:
        """The rule has ended: the request goes to its provider, whatever was prepared for it."""
        self._stop_waiting()
        if not self.exchange.ended:
            self._pass_untouched()

    def drop(self) -> None:
        """The request has ended."""
        self._stop_waiting()
        self.rule.holds.discard(self)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # --- answered here, or passed on ----------------------------------------------------------

    def _act(self) -> None:
        rule = self.rule
        wait_s = 0.0
        if not rule.ended:
            try:
                answer = rule.fault.instead(self.hit)
                if answer is not None:
                    self.prepared = _composed(answer)
                    wait_s = min(float(answer.after_s), _HOLD_S_MAX)
            except Exception as error:  # noqa: BLE001 - a broken fault must not stop traffic
                rule.break_down(error)
        if rule.ended:
            self._pass_untouched()
        elif self.prepared is None:
            self._pass_on()
        elif not self.count():
            self._pass_untouched()
        elif wait_s > 0:
            self._wait(wait_s)
        else:
            self._give()

    def _give(self) -> None:
        assert self.prepared is not None
        status, lines, body = self.prepared
        self.rule.count_bytes(len(body))
        self.exchange.give(status, lines, body)

    def _pass_on(self) -> None:
        self._change_request()
        if self.rule.fault.edits is Edits.NOTHING:
            self.exchange.pass_on_whole()
        else:
            self.exchange.pass_on_unencoded()

    def _change_request(self) -> None:
        """Let what the fault makes of the request go on, where it makes something of it."""
        try:
            onward = self.rule.fault.on_request(self.hit)
            if onward is None:
                return
            body = json.dumps(onward.body, separators=(",", ":")).encode()
            other = self.rule.listener.alternates[onward.upstream] if onward.upstream else None
            key = (
                None if other is None or other.key is None else self.hit.dialect.show_key(other.key)
            )
        except Exception as error:  # noqa: BLE001 - a broken fault must not stop traffic
            self.rule.break_down(error)
            return
        if self.count():
            self.hit.onward = onward
            self.exchange.rewrite(onward.path, body)
            if other is not None:
                self.exchange.divert(other.pool, key)

    def _pass_untouched(self) -> None:
        self.exchange.touch = None
        self.exchange.pass_on_whole()

    # --- the provider's answer ----------------------------------------------------------------

    def editor(
        self, status: int, reason: bytes, headers: Headers, head: AnswerHead
    ) -> Editor | None:
        """What changes the provider's own answer; None lets it pass as it comes.

        Only a good answer that can be read here: what the provider says is wrong stays its own.
        """
        edits = self.rule.fault.edits
        if self.rule.ended or edits is Edits.NOTHING or not 200 <= status < 300 or status == 204:
            return None
        told = {name.lower(): value for name, value in headers}
        if self.exchange.method == b"HEAD":
            return None
        if told.get(b"content-encoding", b"identity").strip().lower() != b"identity":
            return None
        if told.get(b"content-type", b"").strip().lower().startswith(b"text/event-stream"):
            if edits is Edits.BODY:
                return None
            self.exchange.open_answer(status, reason, head.lines, None)
            return StreamEditor(self)
        return None if edits is Edits.STREAM else BodyEditor(self, status, reason, head)

    def count(self) -> bool:
        """Count this request as a hit, once. False when the rule may touch no more."""
        if not self.counted and self.rule.count_hit(self.hit.request.id):
            self.counted = True
            if self.exchange.noted is not None:
                self.exchange.noted.touched(self.rule.id)
        return self.counted


def _composed(answer: Answer) -> tuple[int, list[bytes], bytes]:
    """A made-up answer as status, header lines and body. Raises when it is none."""
    if not 200 <= answer.status <= 999:
        raise ValueError(f"expected a final status, found {answer.status}")
    framing = {"content-length", "transfer-encoding", "connection", "content-encoding"}
    lines = [
        header_line(name, value) for name, value in answer.headers if name.lower() not in framing
    ]
    return answer.status, lines, bytes(answer.body)
