"""The errand `stop_drills`: every drill on the same target ends, and is put back."""

from typing import ClassVar

from gameday.domain.errand import Desk, Done, Errand


class StopDrills(Errand):
    """Stop every drill on the same target and environment; each puts back what it changed.

    Source: incident beats drill: nobody should look for a cause among faults that are there on
    purpose.
    """

    in_drill: ClassVar[bool] = False

    @property
    def words(self) -> str:
        return "stops every drill on this target"

    async def run(self, desk: Desk) -> Done:
        return await desk.stop_drills()
