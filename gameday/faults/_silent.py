"""What the faults share that nobody sees in one answer: it is whole, and its status 200."""

from typing import ClassVar

from gameday.domain.fault import Felt
from gameday.domain.gate import Evidence
from gameday.domain.window import Window
from gameday.faults._gate import GateFault


class SilentFault(GateFault):
    """A fault whose proof is the gate's own count, tied to answers that a client got.

    What ties them is the id of the request, so the system must let that, or the drill's marker,
    through to the provider. Without it nobody can tell that the fault reached a client at all.
    """

    evidence: ClassVar[str] = "the gate's own count, tied to good answers by their requests' ids"

    def proof(
        self,
        counted: Evidence,
        provider: str,
        baseline: Window,  # noqa: ARG002 - no answer is compared
        faulted: Window,
    ) -> Felt:
        return tied(counted, provider, faulted)


def tied(counted: Evidence, provider: str, faulted: Window) -> Felt:
    """How many good answers of the client came of requests that the gate has changed.

    The gate remembers the ids of its last 1,000 hits.
    """
    answers = faulted.good.where("served_by", lambda name: name in {None, provider})
    ids = frozenset(counted.request_ids).intersection(answers.texts("request_id"))
    if not ids:
        return Felt(
            0,
            f"by id, none of {len(answers)} good answers of {provider} came of these requests",
        )
    one = "answer" if len(ids) == 1 else "answers"
    return Felt(len(ids), f"{len(ids)} good {one} of {provider} came of these requests")
