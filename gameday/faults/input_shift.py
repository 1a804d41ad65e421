"""The fault `input_shift`: users ask other things than they did."""

from collections import Counter
from math import ceil
from typing import Any, ClassVar

from gameday.domain.drill import Scope
from gameday.domain.fault import Fault, Felt
from gameday.domain.lease import FaultRecord
from gameday.domain.ports import InputsPath, Undo
from gameday.domain.shift import INPUTS, INPUTS_PORT, Shift
from gameday.domain.window import Window

_SHIFTED_MIN = 0.1  # of the requests; fewer are what a mix does by itself


class InputShift(Shift, Fault):
    """Ask another mix of questions: of other groups, another length or language.

    On the wire: nothing of the system is touched. The drill's own load asks these questions while
    the injector holds the fault, and the usual ones again when its lease is over or nobody can
    tell whether it is.

    In reports: requests for questions that came more often than each one equally often.

    Source: shifts of what users ask, such as after a launch in another country, which average
    scores hide that were made up of other questions.
    """

    port: ClassVar[str] = INPUTS_PORT
    scopes: ClassVar[frozenset[Scope]] = frozenset({Scope.ALL})
    evidence: ClassVar[str] = "requests for questions that came more often than before"
    legend: ClassVar[str] = "other questions"

    model_config = {"json_schema_extra": {"examples": [{"groups": {"long": 0.8, "short": 0.2}}]}}

    @classmethod
    def misplaced(cls, on: str) -> str:
        return "" if on == INPUTS else INPUTS

    async def snapshot(self, path: InputsPath) -> Undo:  # noqa: ARG002 - it replaces nothing
        return {}

    async def inject(self, path: InputsPath, fault_id: str) -> None:
        path.shift(fault_id)

    async def confirm(self, path: InputsPath, fault_id: str) -> dict[str, Any]:
        path.require(fault_id)
        return {}

    async def measure(self, path: InputsPath, fault_id: str) -> dict[str, Any]:  # noqa: ARG002 - samples count
        return {}

    async def restore(self, path: InputsPath, fault_id: str, undo: Undo) -> None:  # noqa: ARG002 - the contract
        path.release(fault_id)

    async def is_restored(self, path: InputsPath, fault_id: str, undo: Undo) -> bool:  # noqa: ARG002 - the contract
        return not path.are_shifted(fault_id)

    def felt(
        self,
        record: FaultRecord,  # noqa: ARG002 - samples tell all
        provider: str,
        baseline: Window,
        faulted: Window,
    ) -> Felt:
        before, during = (Counter(one.samples.tally("case")) for one in (baseline, faulted))
        shifted = _surplus(before, during)
        dropped = len(before.keys() - during.keys())
        figures = (
            f"of {during.total()} requests of the {provider} {shifted} were for questions that "
            f"came more often than before; {dropped} of {len(before)} questions were asked no more"
        )
        return Felt(shifted if shifted >= _SHIFTED_MIN * during.total() else 0, figures)


def _surplus(before: Counter[str], during: Counter[str]) -> int:
    """How many requests came beyond what each question would have had as before.

    Rounds over the suite give a question at most one more than its share, which is none.
    """
    scale = during.total() / max(1, before.total())
    return sum(max(0, asked - ceil(scale * before[case]) - 1) for case, asked in during.items())
