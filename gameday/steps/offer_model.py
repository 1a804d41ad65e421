"""The step `offer_model`: a model is offered to the system's own canary gate."""

from typing import Annotated, ClassVar

from pydantic import Field

from gameday.domain.component import Component, Setting, shown
from gameday.domain.ports import Undo
from gameday.domain.step import Kept, Step


class OfferModel(Step):
    """Offer a model to the gate that decides which models customers get.

    The gateway's `change` is the offer, its `read` what is in use, and its `revert` takes a model
    out of use, whether it is being tried or was promoted.

    to: the model, as the gateway knows it.

    shows: what the front door's answers call it, where that is another name.

    Source: canary releases as gateways and rollout controllers do them: a share of the requests
    and an examination first, everybody's only then.
    """

    components: ClassVar[frozenset[str]] = frozenset({"gateway"})

    to: Annotated[Setting, Field(examples=["heron-4-2026-09"])]
    shows: Annotated[str, Field(min_length=1, max_length=200)] | None = None

    def wanted(self, component: Component) -> Setting | None:  # noqa: ARG002 - the contract
        return self.to

    def seen_as(self, component: Component) -> str:  # noqa: ARG002 - the contract
        return str(self.to) if self.shows is None else self.shows

    async def ready(self, kept: Kept) -> str:
        if not (await kept.backend.verify(self.to)):
            return f"{kept.name} uses {shown(self.to)} already, so that it is no news to the gate"
        why = await kept.backend.ready(self.to)
        return f"{kept.name} cannot be offered that: {why}" if why else ""

    async def act(self, kept: Kept, undo: Undo) -> None:
        await kept.backend.change(self.to, undo)

    async def verify(self, kept: Kept, undo: Undo) -> str:  # noqa: ARG002 - the contract
        return await kept.backend.verify(self.to)

    async def undo(self, kept: Kept, undo: Undo) -> None:
        await kept.backend.revert(undo, self.to)

    async def verify_undone(self, kept: Kept, undo: Undo) -> str:
        return await kept.backend.verify_reverted(undo)
