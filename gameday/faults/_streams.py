"""What the faults that strike in the middle of a streamed answer share."""

from abc import abstractmethod
from typing import Annotated, ClassVar

from pydantic import Field

from gameday.domain.fault import Felt
from gameday.domain.sample import Outcome
from gameday.domain.samples import Samples
from gameday.domain.statistics import percentile
from gameday.domain.window import Window
from gameday.domain.wire import Event, Hit, Send, Steps
from gameday.faults._attempts import Effect
from gameday.faults._gate import Edits, GateFault

AfterTokens = Annotated[int, Field(ge=0, le=100_000, examples=[5])]

_SHORT = 0.5  # of the baseline's median answer: beyond the usual spread of answers


class StreamFault(GateFault):
    """A fault that strikes once in a stream, where the content event after `after_tokens` stands.

    Only there, because whether it has struck before need not be remembered then. So an answer of
    no more content events than that is left alone.
    """

    edits: ClassVar[Edits] = Edits.STREAM

    after_tokens: AfterTokens = 5

    @abstractmethod
    def strike(self, hit: Hit, event: Event) -> Steps:
        """What goes out where `event` stands, `event` itself included if it still does."""

    def on_event(self, hit: Hit, event: Event) -> Steps:
        if event.is_content and hit.tokens == self.after_tokens:
            return self.strike(hit, event)
        return (Send(event.raw),)

    def effect(self, provider: str, baseline: Window) -> Effect | Felt:
        return cut_short(provider, baseline)


def answered_by(provider: str, window: Window) -> Samples:
    """The good answers that the front door says `provider` gave."""
    return window.good.where("served_by", lambda name: name == provider)


def cut_short(provider: str, baseline: Window) -> Effect:
    """The attempt came to no good end, or the answer did not, or it ended well and too soon.

    The last, because a gateway may make up the end that the provider never sent.
    """
    usual = percentile(answered_by(provider, baseline).numbers("answer_chars"), 0.5) or 0
    return Effect(
        ends=lambda outcome: outcome is not Outcome.OK,
        one="was cut short",
        many="were cut short",
        beyond_baseline=2.0,
        shows_in_answer=lambda sample: not sample.good or sample.answer_chars < _SHORT * usual,
    )


def with_data(event: Event, data: bytes) -> bytes:
    """`event` as it goes over the wire, with `data` in the place of its own."""
    if event.raw.count(event.data) == 1:
        return event.raw.replace(event.data, data)
    # Its data came in several lines: they become one, and what is no data stays as it was.
    lines = event.raw.splitlines()
    kept = [line for line in lines if line and not line.startswith(b"data:")]
    return b"\n".join([*kept, b"data: " + data, b"", b""])
