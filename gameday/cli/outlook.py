"""What stands against a drill now, looked at for its plan: nothing is asked, touched or spent."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from activities.connections import injector_client
from activities.others_there import Going, looks_at
from activities.preflight import Looked, PreflightActivities
from gameday.cli.screen import table
from gameday.cli.session import attached_session
from gameday.domain.environment import InjectorAddress, injector_url
from gameday.domain.errors import GamedayError
from gameday.domain.plan import Plan
from gameday.domain.record import RunRequest
from gameday.injector.client import InjectorClient
from gameday.reporting.wording import dollars, seconds
from gameday.store.incidents import Incidents
from gameday.store.isolation import IsolationProofs
from gameday.store.ledger import Ledger

_WORDS = {True: "yes", False: "no", None: "?"}


def look_ahead(request: RunRequest, state: Path) -> list[Looked]:
    """The lines of the preflight that are to be had for nothing, as they would be now."""

    async def others() -> list[Going]:
        return await looks_at(await attached_session(state).temporal())()

    def injector(at: InjectorAddress) -> InjectorClient:
        try:
            return injector_client(at, state)
        except GamedayError:  # no token yet; asked without one, it says who it does not know
            return InjectorClient(injector_url(at), "")

    looks = PreflightActivities(
        injector, IsolationProofs(state), Ledger(state), Incidents(state), others
    ).looks(request)
    return asyncio.run(looks.report(free=True))


def exposure_sentence(plan: Plan) -> str:
    """The worst case in requests, money and time."""
    broken = seconds(plan.fault_seconds_max) if plan.fault_seconds_max else "at no time"
    return (
        f"at most {plan.requests_max:,} requests, {dollars(plan.cost_usd_max)}, "
        f"{plan.seconds_max / 60:.1f} minutes; changed or broken {broken}"
    )


def outlook_lines(looked: Sequence[Looked]) -> list[str]:
    """What a person reads of it; what is looked at only when the drill begins is said too."""
    rows = [(_WORDS[one.ok], one.name, one.sentence) for one in looked]
    noes = [one.name for one in looked if one.ok is False]
    unknown = [one.name for one in looked if one.ok is None]
    would = f"would be refused now, by {', '.join(noes)}" if noes else "nothing stands against it"
    but = f"; not known: {', '.join(unknown)}" if unknown else ""
    return [
        f"  now         {would}{but}",
        *(f"    {line}" for line in table(rows)),
        "    …    gate, marker and front door are looked at when it begins: it takes a request",
    ]
