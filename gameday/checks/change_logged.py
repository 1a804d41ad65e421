"""Judges whether what keeps a component tells who changed it, and when."""

from datetime import timedelta
from typing import ClassVar

from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.component import Version
from gameday.domain.drill import COMPONENT
from gameday.domain.lease import FaultRecord
from gameday.domain.plan import Planned
from gameday.domain.quantities import Seconds, plain


class ChangeLogged(Check):
    """The store of an edited component tells by whom it was changed, and when.

    It is asked while the drill's own edit is there, as the ledger asks it. A time that is further
    than `within` from the edit is that of another change.

    Source: the ledger's question in an incident, "what changed, and who knows why?"; a store
    without a history leaves it to memory.
    """

    needs_fault: ClassVar[bool] = True

    within: Seconds = 60.0

    def judge(self, seen: Seen) -> Finding:
        if seen.window("faulted") is None:
            return unknown("nothing was observed while the edit was there")
        read = [fault for fault in seen.faults if fault.evidence.get("version_while")]
        edits = [fault for fault in read if fault.on.startswith(COMPONENT)]
        if not edits:
            return unknown("of no component was read what its store tells of an edit")
        missing = [told for fault in edits if (told := self._missing(fault))]
        if missing:
            return yes_if(False, "; ".join(missing))
        return yes_if(True, "; ".join(_told(fault) for fault in edits))

    def _missing(self, fault: FaultRecord) -> str:
        """What its store does not tell of this edit, in a sentence; '' where it tells all."""
        version, name = _version(fault), fault.on.removeprefix(COMPONENT)
        if version.changed_at is None:
            who = "" if version.by else "who changed it, and "
            return f"the store of {name} ({version.label}) does not tell {who}when it was changed"
        if not version.by:
            return f"the store of {name} ({version.label}) does not tell who changed it"
        assert fault.armed_at is not None
        apart = abs(version.changed_at - fault.armed_at)
        if apart <= timedelta(seconds=self.within):
            return ""
        return (
            f"the last change of {name} that its store tells is of {version.changed_at:%F %T}, "
            f"{apart.total_seconds():.0f} s from the edit (at most {plain(self.within)} s)"
        )

    def cannot_decide(self, planned: Planned) -> str:  # noqa: ARG002 - the contract
        return ""


def _version(fault: FaultRecord) -> Version:
    return Version.model_validate(fault.evidence["version_while"])


def _told(fault: FaultRecord) -> str:
    version = _version(fault)
    return (
        f"{fault.on.removeprefix(COMPONENT)} was changed by {version.by} at "
        f"{version.changed_at:%T}, as its store tells"
    )
