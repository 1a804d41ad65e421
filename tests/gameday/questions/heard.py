"""A witness that says what a test lets it say."""

from dataclasses import dataclass, field

from gameday.domain.check import Finding
from gameday.domain.deploy_gate import Findings
from gameday.domain.detection import Detect
from gameday.domain.quality_envelope import Verdict
from gameday.domain.question import Attempts
from gameday.domain.revert_plan import RevertPlan
from gameday.domain.verdict import Held


def findings(verdict: Verdict = Verdict.INSIDE, **told) -> Findings:
    figures = {
        "changed": False, "evidence": 0.5, "alarm_from": 200.0, "difference": -0.01, "further": 0,
        "scored": 60, "requests": 60, "answered": 60, "cost_usd": 0.0,
    }  # fmt: skip
    return Findings(verdict=verdict, **(figures | told))


@dataclass
class Heard:
    found: Findings = field(default_factory=findings)
    plan: RevertPlan = field(default_factory=RevertPlan)
    finding: Finding = field(default_factory=lambda: Finding(held=Held.YES, reason="99.8 % of 600"))
    tried: Attempts = field(default_factory=Attempts)
    asked: list[object] = field(default_factory=list)

    async def quality(self, detect: Detect, *, requests_max: int, rate_per_s: float) -> Findings:
        self.asked.append((detect.margin, requests_max, rate_per_s))
        return self.found

    async def changes(self, detect: Detect) -> RevertPlan:
        self.asked.append(detect.margin)
        return self.plan

    async def objective(self, name: str) -> Finding:
        self.asked.append(name)
        return self.finding

    async def attempts(self, provider: str) -> Attempts:
        self.asked.append(provider)
        return self.tried
