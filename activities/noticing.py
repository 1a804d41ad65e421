"""Whether a change has been noticed: by what the answers show, or by an operator's alert."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from temporalio.exceptions import ApplicationError

from activities.elsewhere import ReadElsewhere
from activities.messages import Noticing
from gameday.domain.detection import By, Detection, Detector
from gameday.domain.incident import Alerted
from gameday.domain.quality_envelope import Verdict
from gameday.domain.sample import Sample
from gameday.domain.samples import Samples
from gameday.store.run_folder import RunFolder


class Noticer:
    """Looks at one window. Where nothing is to be noticed, it looks at nothing."""

    def __init__(
        self,
        detector: Detector | None,
        floor: datetime,
        by: Collection[By] = (),
        *,
        waits_for_envelope: bool = False,
        told: Callable[[], Alerted | None] = lambda: None,
    ) -> None:
        """floor: of the window. by: what counts as noticing. told: an alert that came by itself."""
        self._told = told
        self._detector = detector
        self._floor = floor
        self._alerts = "alert" in by
        self._asks_envelope = waits_for_envelope or "envelope" in by
        self._found: Detection | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is asked: not if the change is outside the envelope, say.

        Changed is one question and inside the envelope another: what is done about a change hangs
        on both, so a window that ends when it is noticed waits for both answers.
        """
        if self._detector is None or not self._asks_envelope:
            return True
        return self._detector.envelope.verdict is not Verdict.UNDECIDED

    async def noticed(
        self, samples: Sequence[Sample], elsewhere: ReadElsewhere
    ) -> Detection | None:
        """What was noticed first; it stands. samples: those written since the last look."""
        if self._detector is None:
            return None
        new = Samples.of(samples).since("intended_at", self._floor)
        # In a thread: the statistics of many answers must not hold up a heartbeat.
        seen = await asyncio.to_thread(self._detector.see, new)
        rang = self._rang(elsewhere) if self._alerts else None
        found = [one for one in (seen, rang and _by_alert(rang, self._detector)) if one]
        self._found = self._found or min(found, key=lambda one: one.at, default=None)
        return self._found

    def _rang(self, elsewhere: ReadElsewhere) -> tuple[str, datetime, str] | None:
        """The alert, when it was told, and by whom: it is looked for, or it has come by itself."""
        told = self._told()
        if told is not None:
            return told.alert, told.received_at, told.sender
        return elsewhere.rang_since(self._floor)


async def noticer_of(folder: RunFolder, floor: datetime, wanted: Noticing | None) -> Noticer:
    """One that knows the baseline, as it is stored in `folder`."""
    if wanted is None:
        return Noticer(None, floor)
    detector = await asyncio.to_thread(_learn, folder, wanted)
    detect = wanted.detect
    return Noticer(
        detector,
        floor,
        detect.by,
        waits_for_envelope=detect.waits_for_envelope,
        told=folder.read_alerted,
    )


def _learn(folder: RunFolder, wanted: Noticing) -> Detector:
    if wanted.detect.reference == "recorded":
        recorded = folder.read_reference()
        if recorded is None:
            raise ApplicationError(
                "the run has no recorded reference to compare with", non_retryable=True
            )
        return Detector(recorded.before(wanted.detect.sticky_by), wanted.detect)
    every = Samples.of(folder.read_samples())
    baseline = every.since("intended_at", wanted.since).before("finished_at", wanted.until)
    return Detector(baseline, wanted.detect)


def _by_alert(rang: tuple[str, datetime, str], detector: Detector) -> Detection:
    name, at, stage = rang
    return Detection(
        at=at,
        by="alert",
        requests=detector.requests,
        tokens=detector.tokens,
        evidence=1.0,  # an alert says nothing of odds
        sentence=f"the operator's alert {name} fired, as {stage} saw it at {at:%H:%M:%S} UTC",
    )
