"""What a watch says at the moment, and how one more tick changes it. Two questions, never merged.

All of it follows from the recording and the ticks that were kept, so it can be worked out again. A
standing holds figures and sentences; of the answers themselves nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Literal

from gameday.domain.detection import Before, By, Detection, Detector
from gameday.domain.quality_envelope import Verdict
from gameday.domain.rotation import parts_of
from gameday.domain.statistics import mean
from gameday.domain.stretches import lasts, stretches
from gameday.domain.tick import Tick, scores_of
from gameday.domain.value import Value
from gameday.domain.watch import Watch

BLIND_TICKS = 3  # in a row that could not compare anything, until somebody is told
_QUIET_TICKS_MIN = 3
_QUIET = 2  # so many times as long as a change took to be noticed, it must not be noticed again

Kind = Literal["changed", "outside", "inside", "gone", "accepted", "blind", "sees"]


class Alarm(Value):
    """One question's no.

    tick, seen: the numbers of the ticks that noticed it first and last. took: how many ticks that
    needed, the first of them at `began`. inside: whether somebody was told that a changed system is
    as good as before.
    """

    at: datetime
    began: datetime
    tick: int
    seen: int
    took: int
    requests: int
    tokens: int
    evidence: float
    sentence: str
    inside: bool = False


class Envelope(Value):
    """What is known of the quality.

    ticks, answers: that the verdict rests on. difference: the mean score less the recorded one.
    further: about how many more answers would decide; None where that is not known.
    """

    verdict: Verdict = Verdict.UNDECIDED
    ticks: int = 0
    answers: int = 0
    difference: float = 0.0
    further: int | None = None


class Notice(Value):
    """Something that happened to a watch, of which somebody is told once.

    notice: its id, the same whoever works it out again. sentence: where there is more to say.
    alarms: those that begin with it, or end: each is called the same both times.
    """

    notice: str
    kind: Kind
    at: datetime
    sentence: str = ""
    alarms: tuple[str, ...] = ()


class Standing(Value):
    """What a watch says.

    reference: the digest of the recording. ticks: that were compared with it. changed_from,
    outside_from: the ticks from which on each question looks. changed, outside: the alarms that are
    open. evidence: so many to one that the answers have changed. quality: the mean score over the
    last round of the suite. blind, problem: ticks in a row that told nothing, and why the last did.
    """

    reference: str = ""
    at: datetime | None = None
    ticks: int = 0
    changed_from: int = 0
    outside_from: int = 0
    changed: Alarm | None = None
    outside: Alarm | None = None
    evidence: float = 1.0
    envelope: Envelope = Envelope()
    quality: float | None = None
    blind: int = 0
    problem: str = ""

    @property
    def word(self) -> str:
        """What is said first: `CHANGED, INSIDE`, or that nothing can be."""
        if self.problem and not self.alarmed:
            return "COULD NOT BE COMPARED"
        if not self.ticks:
            return "NOT ASKED YET"
        verdict = Verdict.OUTSIDE if self.outside else self.envelope.verdict
        return f"{'CHANGED' if self.changed else 'NO CHANGE SEEN'}, {verdict}"

    @property
    def alarmed(self) -> bool:
        return self.changed is not None or self.outside is not None

    @property
    def alarms(self) -> tuple[str, ...]:
        """What the alarms that are open are called."""
        named = (("changed", self.changed), ("outside", self.outside))
        return tuple(_called(by, alarm) for by, alarm in named if alarm is not None)


@dataclass(frozen=True)
class Compared:
    """What a tick is compared with. cases: how many a round of the suite has."""

    watch: Watch
    before: Before
    cases: int


def blinded(standing: Standing, tick: Tick) -> tuple[Standing, tuple[Notice, ...]]:
    """After a tick that told nothing. What was said before stands, and nothing is added to it."""
    after = standing.model_copy(
        update={"at": tick.at, "blind": standing.blind + 1, "problem": tick.problem}
    )
    if after.blind != BLIND_TICKS:
        return after, ()
    return after, (_notice("blind", tick, tick.problem),)


def advanced(
    standing: Standing, ticks: Sequence[Tick], compared: Compared
) -> tuple[Standing, tuple[Notice, ...]]:
    """After one more tick.

    ticks: those that were compared with the same recording, the new one last; the last `LONGEST`
    are enough.
    """
    tick, notices = ticks[-1], list[Notice]()
    if standing.blind >= BLIND_TICKS:
        notices.append(_notice("sees", tick))
    if standing.reference != tick.reference:
        if standing.alarmed:
            notices.append(_notice("accepted", tick, alarms=standing.alarms))
        standing = Standing(reference=tick.reference)
    rows = _Rows(ticks, standing.ticks, compared)
    standing = standing.model_copy(
        update={
            "at": tick.at,
            "blind": 0,
            "problem": "",
            "ticks": standing.ticks + 1,
            "quality": _quality(ticks, compared),
        }
    )
    for question in (_ask_changed, _ask_outside):
        standing, told = question(standing, rows)
        notices += told
    return standing, tuple(notices)


class _Rows:
    """The ticks by their numbers, and detectors that have seen a stretch of them."""

    def __init__(self, ticks: Sequence[Tick], now: int, compared: Compared) -> None:
        self.tick, self.now = ticks[-1], now
        self._ticks = ticks
        self._first = now - len(ticks) + 1
        self._samples = [tick.samples() for tick in ticks]
        self._compared = compared

    def began_at(self, begin: int) -> datetime:
        """When a stretch began, or the oldest tick of it that is still at hand."""
        return self._ticks[max(0, begin - self._first)].at

    def seen(self, first: int, by: By) -> dict[int, Detector]:
        """By the tick at which each stretch begins."""
        watch, before = self._compared.watch, self._compared.before
        # Of the other question it is told nothing: that would only take time.
        asked = before._replace(scores={}) if by == "changed" else before._replace(sketches={})
        found = {}
        for begin in stretches(first, self.now):
            ahead = lasts(first, begin) * (watch.probes + watch.part)
            detect = watch.detect(by)
            found[begin] = Detector(asked, detect, ahead=ahead, chance=watch.chance)
            found[begin].see(chain.from_iterable(self._samples[max(0, begin - self._first) :]))
        return found


def _ask_changed(standing: Standing, rows: _Rows) -> tuple[Standing, list[Notice]]:
    seen = rows.seen(standing.changed_from, "changed")
    evidence = max((one.betting.evidence for one in seen.values()), default=1.0)
    standing = standing.model_copy(update={"evidence": evidence})
    alarm = _alarm(seen, standing.changed, rows, lambda one: one.betting.evidence)
    open_ = standing.changed
    if alarm is not None:
        changes = {"changed": alarm, "changed_from": rows.now + 1}
        called = (_called("changed", alarm),)
        told = [] if open_ else [_notice("changed", rows.tick, alarm.sentence, called)]
        return standing.model_copy(update=changes), told
    if open_ and rows.now - open_.seen >= max(_QUIET_TICKS_MIN, _QUIET * open_.took):
        quiet = f"not noticed again in {rows.now - open_.seen} ticks; it took {open_.took} before"
        gone = standing.model_copy(update={"changed": None})
        called = (_called("changed", open_),)
        return gone, [_notice("gone", rows.tick, f"the change: {quiet}", called)]
    return standing, []


def _ask_outside(standing: Standing, rows: _Rows) -> tuple[Standing, list[Notice]]:
    seen = rows.seen(standing.outside_from, "envelope")
    alarm = _alarm(seen, standing.outside, rows, lambda one: one.envelope.evidence_outside)
    # Of a system that has changed, what it was like before says nothing good.
    since = standing.changed.tick + 1 if standing.changed else 0
    envelope = _envelope({begin: one for begin, one in seen.items() if begin >= since}, rows.now)
    open_, changed = standing.outside, standing.changed
    standing = standing.model_copy(update={"envelope": envelope})
    if alarm is not None:
        changes = {"outside": alarm, "outside_from": rows.now + 1}
        called = (_called("outside", alarm),)
        told = [] if open_ else [_notice("outside", rows.tick, alarm.sentence, called)]
        return standing.model_copy(update=changes), told
    if envelope.verdict is not Verdict.INSIDE:
        return standing, []
    words = f"inside the envelope after {envelope.answers} answers in {envelope.ticks} ticks"
    if open_:
        gone = standing.model_copy(update={"outside": None})
        called = (_called("outside", open_),)
        return gone, [_notice("gone", rows.tick, f"the loss of quality: {words}", called)]
    if changed and not changed.inside:
        said = changed.model_copy(update={"inside": True})
        return standing.model_copy(update={"changed": said}), [_notice("inside", rows.tick, words)]
    return standing, []


def _alarm(
    seen: Mapping[int, Detector],
    open_: Alarm | None,
    rows: _Rows,
    strength: Callable[[Detector], float],
) -> Alarm | None:
    """The alarm of the stretch that is surest; an open one as seen again. None where none says."""
    found = [(begin, one) for begin, one in seen.items() if one.detection is not None]
    if not found:
        return None
    if open_ is not None:
        return open_.model_copy(update={"seen": rows.now})
    begin, detector = max(found, key=lambda one: strength(one[1]))
    assert detector.detection is not None
    return _new_alarm(detector.detection, begin, rows)


def _new_alarm(found: Detection, begin: int, rows: _Rows) -> Alarm:
    return Alarm(
        at=found.at,
        began=rows.began_at(begin),
        tick=rows.now,
        seen=rows.now,
        took=rows.now - begin + 1,
        requests=found.requests,
        tokens=found.tokens,
        evidence=found.evidence,
        sentence=found.sentence,
    )


def _envelope(seen: Mapping[int, Detector], now: int) -> Envelope:
    """Of the shortest stretch that is inside, which says most of the present; else the longest."""
    if not seen:
        return Envelope()
    inside = [begin for begin, one in seen.items() if one.envelope.verdict is Verdict.INSIDE]
    begin = max(inside) if inside else min(seen)
    found = seen[begin].envelope
    return Envelope(
        verdict=found.verdict,
        ticks=now - begin + 1,
        answers=found.answers,
        difference=found.difference,
        further=found.further_answers,
    )


def _quality(ticks: Sequence[Tick], compared: Compared) -> float | None:
    """The mean score over the last round of the suite."""
    scores = scores_of(ticks[-parts_of(compared.cases, compared.watch.part) :])
    return mean(scores) if scores else None


def _called(by: str, alarm: Alarm) -> str:
    return f"{by} {alarm.at.isoformat()}"


def _notice(kind: Kind, tick: Tick, sentence: str = "", alarms: tuple[str, ...] = ()) -> Notice:
    told = f"{tick.tick} {kind}"
    return Notice(notice=told, kind=kind, at=tick.at, sentence=sentence, alarms=alarms)
