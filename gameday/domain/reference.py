"""A recorded reference: how a system answered its suite while everything was as it should be.

It holds sketches and scores, no text. Of the recorded answers to a case the first ones are known
to whoever compares (*kept*), the others are used up one after the other (*reserve*): each new
answer is laid beside some that were in no comparison before. A reference has an end, because
systems drift in ways that nobody minds, and it is recorded anew after a change that was accepted.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from gameday.domain.betting import kept_of
from gameday.domain.component import ComponentName, Version
from gameday.domain.detection import Before, StickyBy
from gameday.domain.names import Name
from gameday.domain.samples import Samples
from gameday.domain.sketch import PIECES, PIECES_MAX
from gameday.domain.value import Value

UNNAMED = "?"  # who answered, where answers name nobody


class RecordedCase(Value):
    """The answers to one case, in the order in which they were asked for.

    sketches: of the whole answers. scores: from 0 to 1; 0 for a request that got no answer.
    """

    group: str = ""
    sketches: tuple[str, ...]
    scores: tuple[float, ...]

    @property
    def kept(self) -> int:
        """How many of the sketches are known from the beginning."""
        return min(len(self.sketches), kept_of(len(self.sketches)))

    @property
    def reserve(self) -> int:
        return len(self.sketches) - self.kept


class About(Value):
    """What a reference is of, and who answers for it.

    suite_digest: of the suite's file. because, replaces: why it was recorded anew, and the digest
    of the one before; '' for the first one. components, unread: what the target's components stood
    at, and why some could not be read.
    """

    target: Name
    environment: Name
    suite: Name
    suite_digest: str
    recorded_at: datetime
    expires_at: datetime
    recorded_by: str
    because: str = ""
    replaces: str = ""
    components: dict[ComponentName, Version] = {}
    unread: dict[ComponentName, str] = {}


class Reference(Value):
    """One recording. `digest` is over all the rest of it.

    answered_by: the answers by the model, fingerprint and version that they named. streams: the
    users, tenants and features that asked.
    """

    about: About
    pieces: Annotated[int, Field(ge=1, le=PIECES_MAX)] = PIECES
    answered_by: dict[str, int]
    streams: dict[StickyBy, tuple[str, ...]] = {}
    cases: dict[str, RecordedCase]
    digest: str = ""

    @classmethod
    def of(cls, samples: Samples, about: About) -> "Reference":
        """The reference that these samples make."""
        stayed = samples.experiment.stayed
        reference = cls(
            about=about,
            answered_by=answered_by(stayed),
            streams={by: tuple(sorted(filter(None, stayed.tally(by)))) for by in STREAMS},
            cases=_cases(stayed),
        )
        return reference.model_copy(update={"digest": reference.digest_now()})

    def digest_now(self) -> str:
        """sha256 over its canonical JSON without `digest`."""
        whole = self.model_dump(mode="json", exclude={"digest"})
        canonical = json.dumps(whole, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def answers(self) -> int:
        return sum(len(case.sketches) for case in self.cases.values())

    @property
    def failures(self) -> int:
        """Requests that got no whole answer."""
        return sum(max(0, len(c.scores) - len(c.sketches)) for c in self.cases.values())

    def why_not(self, suite_digest: str, at: datetime) -> str:
        """Why answers to that suite, at that time, cannot be compared with it; '' when they can."""
        if self.digest != self.digest_now():
            return "the recording is not as it was written: its digest does not fit"
        if self.about.suite_digest != suite_digest:
            return (
                f"the suite {self.about.suite} was changed since {self.about.recorded_at:%Y-%m-%d}"
            )
        if at >= self.about.expires_at:
            return f"the recording is too old: it was good until {self.about.expires_at:%Y-%m-%d}"
        return ""

    def before(self, sticky_by: StickyBy | None = None) -> Before:
        """What a detector compares with."""
        return Before(
            sketches={name: case.sketches for name, case in self.cases.items()},
            scores={name: case.scores for name, case in self.cases.items()},
            keys=self.streams.get(sticky_by, ()) if sticky_by else (),
        )


STREAMS: tuple[StickyBy, ...] = ("user", "tenant", "feature")


def answered_by(samples: Samples) -> dict[str, int]:
    """The good answers by the model, fingerprint and version that they named."""
    return _named(samples, "model", "fingerprint", "version")


def models_named(samples: Samples) -> dict[str, int]:
    """The good answers by the model and fingerprint alone that they named."""
    return _named(samples, "model", "fingerprint")


def _named(samples: Samples, *by: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for fields, count in samples.good.tallies(*by).items():
        name = " ".join(str(field) for field in fields if field) or UNNAMED
        found[name] = found.get(name, 0) + count
    return dict(sorted(found.items()))


def _cases(samples: Samples) -> dict[str, RecordedCase]:
    before = Before.of(samples)
    groups = dict(samples.tallies("case", "case_group").keys())
    return {
        case: RecordedCase(
            group=groups[case],
            sketches=tuple(before.sketches.get(case, ())),
            scores=_rounded(before.scores.get(case, ())),
        )
        for case in sorted(groups)
    }


def _rounded(scores: Sequence[float]) -> tuple[float, ...]:
    """Six digits: more would say nothing, and fill the file."""
    return tuple(round(score, 6) for score in scores)
