"""Act: asks the injector to carry out one step for good, to read it back, or to put it back.

The id is the workflow's own, so that a worker that died in the midst of it is followed by another
one that asks for the same act, and not for a second one.
"""

from temporalio import activity

from activities.connections import InjectorFactory
from gameday.domain.act import ActOrder, ActOutlook, ActRecord
from gameday.domain.environment import InjectorAddress
from gameday.domain.errors import InjectorRefusedError
from gameday.domain.value import Value


class Outlook(Value):
    """An act that is thought of."""

    injector: InjectorAddress
    order: ActOrder


class WantedAct(Value):
    """One act, under an id that the workflow chose."""

    injector: InjectorAddress
    act_id: str
    order: ActOrder


class KnownAct(Value):
    """One act that was asked for before."""

    injector: InjectorAddress
    act_id: str


class ActAnswer(Value):
    """What became of it. refused: why the injector did not do it; nothing was touched then."""

    record: ActRecord | None = None
    refused: str = ""


class ActActivities:
    def __init__(self, injector: InjectorFactory) -> None:
        self._injector = injector

    @activity.defn(name="outlook")
    async def outlook(self, asked: Outlook) -> ActOutlook:
        """Whether it would be refused now, and whose approval it waits for. Touches nothing."""
        return await self._injector(asked.injector).outlook(asked.order)

    @activity.defn(name="act")
    async def act(self, wanted: WantedAct) -> ActAnswer:
        try:
            record = await self._injector(wanted.injector).act(wanted.act_id, wanted.order)
        except InjectorRefusedError as error:
            return ActAnswer(refused=error.sentence)
        return ActAnswer(record=record)

    @activity.defn(name="verify_act")
    async def verify_act(self, wanted: KnownAct) -> ActAnswer:
        """Read it back again: what a mechanism was told may take its time to be there."""
        try:
            return ActAnswer(record=await self._injector(wanted.injector).verify_act(wanted.act_id))
        except InjectorRefusedError as error:
            return ActAnswer(refused=error.sentence)

    @activity.defn(name="undo_act")
    async def undo_act(self, wanted: KnownAct) -> ActAnswer:
        """Put back what it found, unless somebody else has changed it meanwhile."""
        try:
            return ActAnswer(record=await self._injector(wanted.injector).undo_act(wanted.act_id))
        except InjectorRefusedError as error:
            return ActAnswer(refused=error.sentence)
