"""Sends canaries, and looks for them where real requests are counted, kept and acted on."""

import asyncio
import hashlib
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from gameday.domain.errors import RefusedError, SourceError
from gameday.domain.isolation import (
    CANARY,
    Finding,
    Isolation,
    IsolationProof,
    PlaceFinding,
    PlaceKind,
    PlaceQuery,
)
from gameday.domain.sample import Sample
from gameday.domain.target import Target

AskCanary = Callable[[str, str], Awaitable[Sample]]
"""Asks the front door one question, as the drills will; the mark names the canary."""

Count = Callable[[PlaceQuery, str], Awaitable[float]]
"""How often a place holds an id. Raises SourceError."""

_Said = tuple[Finding, str]


@dataclass(frozen=True)
class Lookout:
    """What a look at isolation needs. question: asked where the target declares none."""

    target: Target
    environment: str
    question: str
    ask: AskCanary
    count: Count


async def prove_isolation(lookout: Lookout) -> IsolationProof:
    """Send the canaries and search every place. Raises RefusedError when they got no answer."""
    declared = lookout.target.isolation
    canary = f"canary-{secrets.token_hex(6)}"
    places: list[PlaceFinding] = []
    acting = declared.mutating_tools if declared else ()
    if declared is not None and declared.queries:
        before = await _still_figures(lookout.count, declared)
        await _send(lookout, declared, canary)
        await asyncio.sleep(declared.settle)
        said = {
            name: await _Search(lookout.count, query, declared.requests).said(
                canary, before.get(name)
            )
            for name, query in declared.queries.items()
        }
        places = [
            _finding(name, query.place, _if_reached(query, said, name), acts=name in acting)
            for name, query in declared.queries.items()
        ]
    return IsolationProof(
        target=lookout.target.target,
        environment=lookout.environment,
        digest=proof_digest(lookout.target, lookout.environment),
        canary=canary,
        at=datetime.now(UTC),
        places=(*places, *_undeclared(declared)),
    )


def proof_digest(target: Target, environment: str) -> str:
    """sha256 over all that a proof depends on: how requests are made, and what is looked at."""
    whole = [
        target.target,
        environment,
        target.environments[environment].front_door,
        target.front_door.model_dump(mode="json"),
        target.synthetic.model_dump(mode="json"),
        target.isolation.model_dump(mode="json") if target.isolation else None,
    ]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


async def _send(lookout: Lookout, declared: Isolation, canary: str) -> None:
    text = declared.question or f"{lookout.question} ({CANARY})"
    for number in range(declared.requests):
        sample = await lookout.ask(text.replace(CANARY, canary), canary)
        if not sample.good:
            raise RefusedError(
                f"canary {number + 1} of {declared.requests} got no answer from the front door: "
                f"{sample.outcome}, {sample.detail}; nothing was searched",
                next_step="gameday doctor",
            )


async def _still_figures(count: Count, declared: Isolation) -> dict[str, float | SourceError]:
    figures: dict[str, float | SourceError] = {}
    for name, query in declared.queries.items():
        if not query.by_canary:
            try:
                figures[name] = await count(query, "")
            except SourceError as error:
                figures[name] = error
    return figures


class _Search:
    """One place, after `sent` canaries."""

    def __init__(self, count: Count, query: PlaceQuery, sent: int) -> None:
        self._count = count
        self._query = query
        self._sent = sent

    async def said(self, canary: str, before: float | SourceError | None) -> _Said:
        """before: the figure that must not change, of a query that looks for no canary."""
        try:
            if before is None:
                return await self._for_canary(canary)
            return await self._still(before)
        except SourceError as error:
            return Finding.UNPROVEN, error.sentence

    async def _for_canary(self, canary: str) -> _Said:
        found = await self._count(self._query, canary)
        if self._query.expect == "found":
            if not found:
                return Finding.UNPROVEN, f"none of {self._sent} synthetic requests came so far"
            return Finding.ISOLATED, f"holds {found:g} traces of {self._sent}, as it should"
        if found:
            return Finding.LEAKED, f"holds {found:g} traces of {self._sent} synthetic requests"
        known = self._query.known
        if known is None:
            return Finding.UNPROVEN, (
                "nothing was found, and nothing shows that the query could find a request: "
                "add `known:`, an id that is there for certain"
            )
        if not await self._count(self._query, known):
            return Finding.UNPROVEN, (
                f"nothing was found, but neither was {known!r}, which should be there"
            )
        return Finding.ISOLATED, (
            f"no trace of {self._sent} synthetic requests; the same query finds {known!r}"
        )

    async def _still(self, before: float | SourceError) -> _Said:
        if isinstance(before, SourceError):
            raise before
        after = await self._count(self._query, "")
        while_sent = f"while {self._sent} synthetic requests were answered"
        if after == before:
            return Finding.ISOLATED, f"stayed at {after:g} {while_sent}"
        moved = f"went from {before:g} to {after:g} {while_sent}"
        if after - before >= self._sent:
            return Finding.LEAKED, (
                f"{moved}; if others' requests count there too, look again when it is quiet"
            )
        return Finding.UNPROVEN, f"{moved}: others move it too; look again when it is quiet"


def _if_reached(query: PlaceQuery, said: Mapping[str, _Said], name: str) -> _Said:
    """What was said of `name`, unless nothing shows that the canaries came that far at all."""
    finding, sentence = said[name]
    if finding is Finding.ISOLATED and query.reached:
        there, why = said[query.reached]
        if there is not Finding.ISOLATED:
            return Finding.UNPROVEN, f"no trace, but {query.reached} has none either: {why}"
    return finding, sentence


def _finding(name: str, place: PlaceKind, said: _Said, *, acts: bool) -> PlaceFinding:
    finding, sentence = said
    return PlaceFinding(name=name, place=place, finding=finding, sentence=sentence, acts=acts)


def _undeclared(declared: Isolation | None) -> list[PlaceFinding]:
    """What nobody asked about: that is unproven too, and said."""
    queries = declared.queries if declared else {}
    tools = PlaceKind.TOOLS
    unproven = [
        _finding(
            name, tools, (Finding.UNPROVEN, "a tool that acts, and no query looks there"), acts=True
        )
        for name in (declared.mutating_tools if declared else ())
        if name not in queries
    ]
    if declared is None:
        sentence = (
            "the target does not say which tools act on the world: add "
            "`isolation: {mutating_tools: [...]}`, or [] when none does"
        )
        unproven.append(_finding(tools, tools, (Finding.UNPROVEN, sentence), acts=True))
    looked_at = {query.place for query in queries.values()} | {one.place for one in unproven}
    if declared is not None and tools not in looked_at:
        sentence = "no tool acts on the world, by the target's own word"
        unproven.append(_finding(tools, tools, (Finding.UNPROVEN, sentence), acts=False))
        looked_at.add(tools)
    nobody = (Finding.UNPROVEN, "no query is declared")
    unproven += [
        _finding(place, place, nobody, acts=False) for place in PlaceKind if place not in looked_at
    ]
    return unproven
