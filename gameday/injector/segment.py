"""The injector's own segment of a run's journal: what it armed, cleared, did and heard."""

from typing import Any

from gameday.domain.lease import FaultState
from gameday.domain.record import Event
from gameday.injector.acts import ActKeeper
from gameday.injector.clock import utc_now
from gameday.injector.keeper import FaultKeeper


def segment(keeper: FaultKeeper, acts: ActKeeper, run_id: str) -> list[Event]:
    """Every event of the run, in order. Holds no secret and no text of a model."""
    moments: list[tuple[Any, str, dict[str, Any]]] = []
    for record in keeper.faults(run_id):
        who = {"id": record.id, "kind": record.kind, "on": record.on, "claim": record.claim}
        if record.armed_at is not None:
            renewals = record.evidence.get("renewals", keeper.renewals(record.id))
            facts = {**who, "confirm_ms": record.confirm_ms, "renewals": renewals}
            moments.append((record.armed_at, "armed", facts | {"evidence": record.evidence}))
        if record.state is FaultState.STUCK:
            since = keeper.stuck_since(record.id) or utc_now()
            moments.append((since, "stuck", {**who, "because": record.cleared_because}))
        if record.cleared_at is not None:
            facts = {**who, "by": record.cleared_by, "because": record.cleared_because}
            moments.append((record.cleared_at, "cleared", facts | {"evidence": record.evidence}))
    for act in acts.acts(run_id):
        facts = act.model_dump(mode="json")
        moments.append((act.called_at, "acted", facts))
        if act.undone_at is not None:
            moments.append((act.undone_at, "undone", facts))
    for word in keeper.admission.words.of_run(run_id):
        said = word.statement.model_dump(mode="json", exclude_defaults=True)
        moments.append((word.at, "word", {**said, "by": word.by, "how": word.how}))
    moments.sort(key=lambda moment: moment[0])
    return [
        Event(author="injector", seq=seq, at=at, what=what, facts=facts)
        for seq, (at, what, facts) in enumerate(moments)
    ]
