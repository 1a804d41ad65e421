"""Makes cases of what users asked: redacted, and with scorers that need no right answer.

Whether an answer is right, nobody has said yet, and each case says so itself (`needs_person`).
What can be told without: that it is in the language of the question, has no personal data, cites
where every case of its group does, and what the suite asks of every answer anyway.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gameday.catalog.input_samples import InputSample
from gameday.domain.inputs import NO_GROUP, NO_LANGUAGE, Stratum
from gameday.domain.proposing import Share, chosen, shares
from gameday.domain.suite import Case, Entry, ScorerSpec, Suite
from gameday.store.input_redaction import redact_input

_CHARACTERS_MAX = 8000  # of one question
_TURNS_MAX = 20
# Scorers of what every answer must be like, whatever was asked.
_OF_EVERY_ANSWER = frozenset(
    {"canary", "pii", "excludes", "forbidden_tool_call", "length", "latency", "cost"}
)
_NOBODY = "nobody has said what a right answer is"
_LESS_LEFT = "{count} pieces were taken out of it: does it still make sense?"
_NO_LANGUAGE = "its language could not be told"


class Candidate(NamedTuple):
    """One input, redacted. taken: how many pieces were taken out of it."""

    turns: tuple[str, ...]
    sample: InputSample
    taken: int

    @property
    def text(self) -> str:
        return "\n".join(self.turns)


class Proposal(NamedTuple):
    """The suite that is proposed, and how it was come by.

    inputs: samples that were read; alike: that said what another one or a case says; too_long: that
    no case can hold. taken: what was taken out of all of them. shares: by stratum.
    """

    suite: Suite
    inputs: int
    alike: int
    too_long: int
    taken: dict[str, int]
    shares: dict[Stratum, Share]


def propose(
    samples: Sequence[InputSample], like: Suite | None, *, name: str, wanted: int, seed: int
) -> Proposal | None:
    """None where nothing is left that would bring the suite nearer to production.

    like: the suite that is to be added to.
    """
    candidates, taken = _redacted(samples)
    kinds = [_stratum(one) for one in candidates]
    production = Counter(kinds)
    have = Counter(_stratum_of(case) for case in like.cases) if like else Counter[Stratum]()
    offered, alike, too_long = _offered(zip(kinds, candidates, strict=True), like)
    drawn = {kind: _drawn(items, seed) for kind, items in offered.items()}
    picked = chosen(production, have, drawn, wanted)
    if not picked:
        return None
    made = tuple(_case(kind, one, like) for kind, one in picked)
    return Proposal(
        suite=Suite(suite=name, cases=made),
        inputs=len(samples),
        alike=alike,
        too_long=too_long,
        taken=dict(sorted(taken.items())),
        shares=shares(production, have, Counter(kind for kind, _ in picked)),
    )


def _redacted(samples: Iterable[InputSample]) -> tuple[list[Candidate], Counter[str]]:
    candidates, taken = [], Counter[str]()
    for sample in samples:
        redacted = [redact_input(turn) for turn in sample.turns]
        own = sum((Counter(one.taken) for one in redacted), Counter[str]())
        taken += own
        candidates.append(Candidate(tuple(one.text for one in redacted), sample, own.total()))
    return candidates, taken


def _offered(
    candidates: Iterable[tuple[Stratum, Candidate]], like: Suite | None
) -> tuple[dict[Stratum, list[Candidate]], int, int]:
    """By stratum, each text once and none that is a case; how many were alike, and too long."""
    seen = {_folded("\n".join(case.asked)) for case in like.cases} if like else set()
    offered, alike, too_long = defaultdict(list), 0, 0
    for kind, one in sorted(candidates, key=lambda pair: pair[1].text):
        if len(one.turns) > _TURNS_MAX or any(len(turn) > _CHARACTERS_MAX for turn in one.turns):
            too_long += 1
        elif (folded := _folded(one.text)) in seen:
            alike += 1
        else:
            seen.add(folded)
            offered[kind].append(one)
    return dict(offered), alike, too_long


def _drawn(items: Sequence[Candidate], seed: int) -> list[Candidate]:
    """In an order by chance that is the same for the same seed, whatever else is in the file."""
    return sorted(items, key=lambda one: hashlib.sha256(f"{seed} {one.text}".encode()).digest())


def _case(kind: Stratum, one: Candidate, like: Suite | None) -> Case:
    group = one.sample.group
    why = [_NOBODY]
    why += [_LESS_LEFT.format(count=one.taken)] if one.taken else []
    why += [_NO_LANGUAGE] if kind.language == NO_LANGUAGE else []
    asked = {"question": one.turns[0]} if len(one.turns) == 1 else {"turns": one.turns}
    return Case.model_validate(
        {
            # By what it says, so that it is called the same in the next proposal.
            "case": f"asked-{hashlib.sha256(one.text.encode()).hexdigest()[:10]}",
            **asked,
            "group": group or None,
            "needs_person": "; ".join(why),
            "scorers": tuple(_scorers(kind, group, like)),
        }
    )


def _scorers(kind: Stratum, group: str, like: Suite | None) -> list[Entry]:
    common = _common(like.cases if like else ())
    made = [one for one in common if one.kind in _OF_EVERY_ANSWER]
    if not any(one.kind == "pii" for one in made):
        made.append(ScorerSpec(kind="pii"))
    if kind.language != NO_LANGUAGE:
        made.append(ScorerSpec(kind="language", settings={"any": [kind.language]}))
    of_group = [case for case in like.cases if case.group == group] if like and group else []
    cited = [one for one in _common(of_group, but=("any",)) if one.kind == "citation"]
    return [*made, *cited]


def _common(cases: Sequence[Case], but: tuple[str, ...] = ()) -> list[ScorerSpec]:
    """The scorers that all of the cases have, without settings that are of one case alone."""
    lists = [
        [_without(entry, but) for entry in case.scorers if isinstance(entry, ScorerSpec)]
        for case in cases
    ]
    first, others = (lists[0], lists[1:]) if lists else ([], [])
    return [one for one in first if all(one in other for other in others)]


def _without(spec: ScorerSpec, names: tuple[str, ...]) -> ScorerSpec:
    settings = {name: value for name, value in spec.settings.items() if name not in names}
    return spec.model_copy(update={"settings": settings})


def _stratum(one: Candidate) -> Stratum:
    return Stratum.of(one.text, one.sample.group)


def _stratum_of(case: Case) -> Stratum:
    return Stratum.of("\n".join(case.asked), case.group or NO_GROUP)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
