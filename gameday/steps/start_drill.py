"""The errand `start_drill`: a drill is started on the same target."""

from typing import ClassVar

from gameday.domain.errand import Desk, Done, Errand
from gameday.domain.names import Name


class StartDrill(Errand):
    """Start a drill on the same target and environment, and do not wait for it.

    drill: its name. Where an incident is open on the target, its preflight refuses it, as any.

    Source: a mended system is drilled again before anybody relies on it.
    """

    in_drill: ClassVar[bool] = False

    drill: Name

    @property
    def words(self) -> str:
        return f"starts the drill {self.drill}"

    async def run(self, desk: Desk) -> Done:
        return await desk.start_drill(self.drill)
