"""What the control group has to say to a check that found no: a no that it shares blames no fault.

It can only say something while no fault touches it, and the gates tell when one has.
"""

from dataclasses import replace

from gameday.domain.check import Check, Finding, Seen, unknown
from gameday.domain.lease import FaultRecord, gate_evidence
from gameday.domain.verdict import Held


def against_control(check: Check, seen: Seen, finding: Finding) -> Finding:
    """The finding, in the light of what the same check finds in the control group."""
    if finding.held is not Held.NO or not seen.control or not check.compares(seen):
        return finding
    control = check.judge(replace(seen, windows=seen.control))
    if control.held is not Held.NO:
        return finding
    touched = sum(len(_touched(fault, seen)) for fault in seen.faults)
    if touched:
        reached = f"the control group is as bad, and excuses nothing: a fault reached {touched}"
        return finding.model_copy(update={"reason": f"{finding.reason}; {reached} of its requests"})
    return unknown(
        f"the control group, which no fault touched, is as bad ({control.reason}), so that the "
        f"fault cannot be blamed: {finding.reason}"
    )


def _touched(fault: FaultRecord, seen: Seen) -> frozenset[str]:
    """The requests of the control group whose answers the gate has changed for this fault."""
    counted = gate_evidence(fault)
    if counted is None:
        return frozenset()
    asked = {one for window in seen.control.values() for one in window.samples.texts("request_id")}
    return frozenset(counted.request_ids) & asked
