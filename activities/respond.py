"""Respond: asks the injector to carry out one step of the response, and to hold it.

The step goes through the operator's own mechanism, which the injector knows from the operator's
own files. What became of it is in the record's evidence: a mechanism that said no is a finding.
"""

from temporalio import activity

from activities.connections import InjectorFactory
from activities.inject import arm
from activities.messages import Arm, Armed
from gameday.store.isolation import IsolationProofs


class RespondActivities:
    def __init__(self, injector: InjectorFactory, proofs: IsolationProofs) -> None:
        self._injector = injector
        self._proofs = proofs

    @activity.defn(name="respond")
    async def respond(self, wanted: Arm) -> Armed:
        """Carry it out, or say why the injector did not. Repeatable, as its id stays the same."""
        return await arm(wanted, self._injector(wanted.injector), self._proofs)
