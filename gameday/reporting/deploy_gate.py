"""What a deploy gate says, for people and for pipelines."""

from dataclasses import dataclass
from typing import Any

from gameday.domain.component import ComponentName, Version
from gameday.domain.deploy_gate import Budget, Findings
from gameday.domain.detection import Detect
from gameday.domain.quality_envelope import Verdict
from gameday.domain.reference import About, Reference

_ACCEPT = "gameday record --accept --because '...'"


@dataclass(frozen=True)
class Gated:
    """One gate: what was asked where, what it is compared with, and what came of it.

    components: what they stand at now.
    """

    place: str
    reference: Reference
    detect: Detect
    budget: Budget
    findings: Findings
    components: dict[ComponentName, Version]

    @property
    def differing(self) -> tuple[str, ...]:
        """The components that stand at something else than when it was recorded."""
        before = self.reference.about.components
        return tuple(
            name
            for name, now in self.components.items()
            if name in before and before[name].digest != now.digest
        )

    @property
    def word(self) -> str:
        found = self.findings
        return f"{found.verdict}, {'CHANGED' if found.changed else 'NO CHANGE SEEN'}"

    @property
    def sentence(self) -> str:
        """What it means for the deployment, with its numbers."""
        found = self.findings
        if found.problem:
            return f"{self.place} could not be asked: {found.problem}"
        points = 100 * found.difference
        quality = (
            f"quality {abs(points):.0f} points {'below' if points < 0 else 'above'} the recorded "
            f"(margin {100 * self.detect.margin:g})"
        )
        meant = {
            Verdict.INSIDE: "is as good as recorded",
            Verdict.OUTSIDE: "is worse than the suite accepts",
            Verdict.UNDECIDED: "cannot be told from so few answers",
        }[found.verdict]
        return f"{self.place} {meant}: {quality} after {found.scored} answers"

    @property
    def next_step(self) -> str:
        found = self.findings
        if found.problem:
            return "gameday doctor"
        if found.verdict is Verdict.OUTSIDE:
            what = " and ".join(f"the {one}" for one in self.differing) or "what was changed"
            return f"do not deploy; look at {what}"
        if found.verdict is Verdict.UNDECIDED:
            more = f"about {found.further} more answers would decide" if found.further else "more"
            return f"ask more with --requests: {more}"
        return f"once it is deployed and meant:  {_ACCEPT}" if found.changed else ""


def gate_lines(gated: Gated) -> list[str]:
    """The verdict first."""
    found, about = gated.findings, gated.reference.about
    changed = "yes" if found.changed else "not seen"
    evidence = f"evidence {found.evidence:,.1f} to 1; a change from {found.alarm_from:,.0f} to 1 on"
    asked = f"{found.requests} of at most {gated.budget.requests_max} requests"
    lines = [
        f"{gated.word}   {gated.sentence}",
        f"  changed?    {changed}: {evidence}",
        f"  compared    with {_recorded(about)}",
        f"  stands at   {_stands(gated)}",
        f"  asked       {asked}, {found.answered} answered; ${found.cost_usd:.4f}",
    ]
    return [*lines, *([f"  next        {gated.next_step}"] if gated.next_step else [])]


def gate_document(gated: Gated) -> dict[str, Any]:
    """The same for machines."""
    found, about = gated.findings, gated.reference.about
    return {
        "word": gated.word,
        **found.model_dump(mode="json"),
        "exit_code": int(found.exit_code),
        "reason": gated.sentence,
        "next": gated.next_step,
        "place": gated.place,
        "suite": about.suite,
        "budget": {**gated.budget.model_dump(), "requests_max": gated.budget.requests_max},
        "detect": gated.detect.model_dump(mode="json"),
        "reference": {**about.model_dump(mode="json"), "digest": gated.reference.digest},
        "components": {n: one.model_dump(mode="json") for n, one in gated.components.items()},
        "differing": list(gated.differing),
    }


def _recorded(about: About) -> str:
    return f"{about.target}/{about.environment} as of {about.recorded_at:%Y-%m-%d %H:%M} UTC"


def _stands(gated: Gated) -> str:
    before, now = gated.reference.about.components, gated.components
    known = before.keys() & now.keys()
    if not known:
        return "no component is known both now and as it was recorded"
    moved = [
        f"{name} {before[name].label} -> {now[name].label}"
        for name in now
        if name in gated.differing
    ]
    return "; ".join(moved) or f"as recorded: {', '.join(sorted(known))}"
