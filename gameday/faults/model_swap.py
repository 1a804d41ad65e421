"""The fault `model_swap`: another model answers under the same name."""

from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import Field

from gameday.domain.fault import Felt
from gameday.domain.gate import Evidence
from gameday.domain.layer import Layer
from gameday.domain.names import Name
from gameday.domain.sample import Sample
from gameday.domain.window import Window
from gameday.domain.wire import Hit, Identity, Onward
from gameday.faults._attempts import Effect, felt_by
from gameday.faults._documents import DocumentFault
from gameday.faults._silent import SilentFault, tied
from gameday.faults._streams import answered_by

Names = tuple[str | None, str | None]  # model and fingerprint, as an answer tells them


class Reported(StrEnum):
    """What an answer says of the model that made it."""

    SAME = "same"  # what the provider's answers said before
    CHANGED = "changed"  # the truth


class ModelSwap(DocumentFault, SilentFault):
    """Let another model answer under the name that was asked for.

    On the wire: the request goes on as one for `to_model`, and to `to_upstream` where that is
    said: one of the `alternates` that the gate's own file names for the listener, which never
    sees the client's key. With `reported: same` each answer tells the model and the fingerprint
    that the provider's own answer told; the gate learns them from the first one, so a request or
    two for each model pass as they are at first. With `reported: changed` the answer is left as
    it comes. `share` and `later` with `sticky_by` swap few callers at first and then more, who
    stay swapped. Headers stay as they are.

    In reports: good answers to requests that the gate has sent to the other model, by their ids;
    with `reported: changed` also answers that tell a model or fingerprint which no answer of the
    baseline told.

    Source: Anthropic's report of 17 September 2025: 0.8 % of the requests for one model, later
    16 %, were answered by a wrongly configured server, callers stayed with it, and the answers
    looked like any others; openai/codex#11867: another model than asked for, told by the answer;
    anthropics/claude-code#65889: another model than the one pinned.
    """

    touched: ClassVar[str] = "requests"
    reads_request: ClassVar[bool] = True
    key: ClassVar[bytes] = b'"model"'
    legend: ClassVar[str] = "model swapped"
    layer: ClassVar[Layer | None] = "model"

    to_model: Annotated[str, Field(min_length=1, max_length=200, examples=["heron-4-2026-09"])]
    to_upstream: Annotated[Name, Field(examples=["canary"])] | None = None
    reported: Annotated[Reported, Field(examples=[Reported.CHANGED])]

    def upstreams(self) -> tuple[str, ...]:
        return () if self.to_upstream is None else (self.to_upstream,)

    def on_request(self, hit: Hit) -> Onward | None:
        if not hit.dialect.asks_for_text(hit.request) or not hit.request.body:
            return None
        if self.reported is Reported.SAME and hit.dialect.model(hit.request) not in hit.memory:
            return None  # its answer will tell what the others have to say
        onward = hit.dialect.of_model(hit.request, self.to_model)
        return Onward(onward.path, onward.body, self.to_upstream or "")

    def change(self, hit: Hit, document: dict[str, Any]) -> bool:
        if self.reported is Reported.CHANGED:
            return False
        asked = hit.dialect.model(hit.request)
        if hit.onward is None:
            if (said := hit.dialect.identity(document)) is not None:
                hit.memory.setdefault(asked, said)
            return False
        before: Identity = hit.memory[asked]
        return hit.dialect.identify(document, before)

    def proof(self, counted: Evidence, provider: str, baseline: Window, faulted: Window) -> Felt:
        known = tied(counted, provider, faulted)
        if self.reported is Reported.SAME:
            return known
        told = felt_by(_another_name(provider, baseline), provider, baseline, faulted)
        if not known.felt:
            return told
        return Felt(known.count, f"{known.sentence}; {told.sentence}")


def _another_name(provider: str, baseline: Window) -> Effect:
    before = {_names(sample) for sample in answered_by(provider, baseline)}
    what = "told a model or fingerprint that no answer of the baseline told"
    return Effect(
        ends=lambda _: False,
        one=what,
        many=what,
        shows_in_answer=lambda sample: sample.good and _names(sample) not in before,
    )


def _names(sample: Sample) -> Names:
    return sample.model, sample.fingerprint
