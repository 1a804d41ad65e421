"""Lets a load ask another mix of questions while the injector holds a shift of its inputs."""

import asyncio
import time

from gameday.catalog.kinds import faults
from gameday.domain.drill import Drill
from gameday.domain.errors import InjectorError
from gameday.domain.shift import INPUTS_PORT, Shift
from gameday.injector.client import InjectorClient
from gameday.probes.load import Load

_LOOK_EVERY_S = 0.3


def shift_of(drill: Drill) -> Shift | None:
    """What the drill's load is to ask while its inputs are shifted; None where they never are."""
    for spec in drill.faults:
        fault = faults.make(spec)
        if fault.port == INPUTS_PORT:
            return Shift.model_validate(fault.model_dump(include=set(Shift.model_fields)))
    return None


async def keep_shifted(load: Load, wanted: Shift, injector: InjectorClient, run_id: str) -> None:
    """Ask the injector again and again, and pass on what is left of the lease. Never returns.

    While nobody answers nothing is passed on, so that the load goes back to its usual questions
    when the lease that it knows of is over.
    """
    while True:
        left_s = await _left_s(injector, run_id)
        if left_s is not None:
            load.shift(wanted, left_s)
        await asyncio.sleep(_LOOK_EVERY_S)


async def _left_s(injector: InjectorClient, run_id: str) -> float | None:
    """How long the shift stays in force; 0 when it is not, None when nobody tells."""
    asked_at = time.monotonic()
    try:
        records = await injector.faults(run_id)
    except InjectorError:
        return None
    ours = (one for one in records if one.claim.partition("/")[0] == INPUTS_PORT)
    told_s = max((one.expires_in_s or 0.0 for one in ours), default=0.0)
    return max(0.0, told_s - (time.monotonic() - asked_at))
