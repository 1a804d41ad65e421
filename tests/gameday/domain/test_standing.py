"""What ticks do to a watch: alarms once, gone when it is over, blind when nothing can be said."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from gameday.domain.detection import Before
from gameday.domain.quality_envelope import Verdict
from gameday.domain.sample import Outcome
from gameday.domain.sketch import sketch_of
from gameday.domain.standing import BLIND_TICKS, Compared, Standing, advanced, blinded
from gameday.domain.stretches import LONGEST
from gameday.domain.tick import Heard, Tick
from gameday.domain.watch import Watch

START = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
CASES = tuple(f"case-{number}" for number in range(20))
OLD = tuple(f"It takes {days} days to refund you." for days in (14, 15, 16, 17))
NEW = ("I cannot say.", "That depends.", "Ask our team.")
WATCH = Watch(target="shop", environment="staging", target_file="/x", part=5, probes=5, margin=0.25)


def before(seed=1, right=0.9):
    draw = random.Random(seed)
    return Before(
        sketches={case: [sketch_of(draw.choice(OLD)) for _ in range(40)] for case in CASES},
        scores={case: [float(draw.random() < right) for _ in range(40)] for case in CASES},
    )


class Stage:
    """A system that is watched, one tick after the other."""

    def __init__(self, watch=WATCH, seed=1):
        self.compared = Compared(watch, before(seed), len(CASES))
        self.draw = random.Random(seed + 100)
        self.standing, self.ticks, self.reference = Standing(), [], "one"
        self.count = 0

    def tick(self, texts=OLD, right=0.9, *, fails=0.0, probes=5):
        self.count += 1
        at = START + timedelta(hours=self.count)
        heard = []
        for number in range(5 + probes):
            good = self.draw.random() >= fails
            heard.append(
                Heard(
                    case=self.draw.choice(CASES) if number >= 5 else CASES[number],
                    rotating=number >= 5,
                    outcome=Outcome.OK if good else Outcome.HTTP_ERROR,
                    sketch=sketch_of(self.draw.choice(texts)) if good else "",
                    quality=float(self.draw.random() < right) if good else None,
                    tokens=10,
                    ended_at=at + timedelta(seconds=number),
                )
            )
        made = Tick(tick=f"t{self.count}", at=at, reference=self.reference, heard=tuple(heard))
        self.ticks = [one for one in self.ticks if one.reference == self.reference][-LONGEST:]
        self.ticks.append(made)
        self.standing, notices = advanced(self.standing, self.ticks, self.compared)
        self.alarms = {one.kind: one.alarms for one in notices}
        return [one.kind for one in notices]

    def blind(self, problem="it could not be asked: refused"):
        self.count += 1
        made = Tick(tick=f"t{self.count}", at=START, problem=problem)
        self.standing, notices = blinded(self.standing, made)
        return [one.kind for one in notices]

    def until(self, kind, most, **how):
        """How many ticks it takes until there is such a notice, and all notices until then."""
        seen = []
        for number in range(1, most + 1):
            told = self.tick(**how)
            seen += told
            if kind in told:
                return number, seen
        pytest.fail(f"no {kind} within {most} ticks: {seen}, {self.standing}")


def test_nothing_changed_nothing_told():
    stage = Stage()
    assert [stage.tick() for _ in range(40)] == [[]] * 40
    assert stage.standing.word == "NO CHANGE SEEN, INSIDE"
    assert stage.standing.ticks == 40
    assert stage.standing.quality == pytest.approx(0.9, abs=0.2)


def test_a_change_raises_one_alarm_within_few_ticks():
    stage = Stage()
    for _ in range(30):
        stage.tick()
    ticks, _ = stage.until("changed", 4, texts=NEW)
    alarm = stage.standing.changed
    assert alarm.evidence >= 2 * 365 * 24
    assert alarm.took <= ticks + 1
    assert alarm.began <= alarm.at
    assert "at most one false alarm in 365 days" in alarm.sentence
    later = [kind for _ in range(20) for kind in stage.tick(texts=NEW)]
    assert "changed" not in later
    assert "gone" not in later
    assert stage.standing.changed.sentence == alarm.sentence
    assert stage.standing.changed.seen > alarm.seen


def test_a_change_is_not_hidden_by_what_was_before_it():
    early, late = Stage(), Stage()
    for _ in range(50):
        late.tick()
    soon, _ = early.until("changed", 6, texts=NEW)
    after, _ = late.until("changed", 6, texts=NEW)
    assert after <= soon + 2


def test_a_changed_system_whose_quality_stays_is_inside_and_that_is_told_once():
    stage = Stage()
    for _ in range(40):
        stage.tick()
    assert stage.standing.envelope.verdict is Verdict.INSIDE
    stage.until("changed", 5, texts=NEW)
    # Of what it was like before, nothing counts for what it is like now.
    assert stage.standing.envelope.verdict is Verdict.UNDECIDED
    assert stage.standing.word == "CHANGED, UNDECIDED"
    _, told = stage.until("inside", 150, texts=NEW)
    assert told == ["inside"]
    assert stage.standing.word == "CHANGED, INSIDE"
    assert [kind for _ in range(20) for kind in stage.tick(texts=NEW)] == []


def test_worse_answers_of_the_same_words_are_outside_and_not_changed():
    stage = Stage()
    for _ in range(20):
        stage.tick()
    _, told = stage.until("outside", 20, right=0.2)
    assert told == ["outside"]
    assert stage.standing.word == "NO CHANGE SEEN, OUTSIDE"
    (began,) = stage.alarms["outside"]
    assert began.startswith("outside ")
    _, told = stage.until("gone", 200)
    assert told == ["gone"]
    assert stage.alarms["gone"] == (began,), "whoever was told of it knows which one is over"
    assert not stage.standing.alarmed


def test_failures_count_for_the_quality_and_never_as_a_change():
    stage = Stage()
    for _ in range(10):
        stage.tick()
    _, told = stage.until("outside", 30, fails=0.7)
    assert told == ["outside"]
    assert stage.standing.evidence < 100


def test_a_change_that_is_undone_is_gone_when_it_was_not_seen_for_long_enough():
    stage = Stage()
    for _ in range(10):
        stage.tick()
    stage.until("changed", 5, texts=NEW)
    began = stage.alarms["changed"]
    stage.tick(texts=NEW)
    seen, took = stage.standing.changed.seen, stage.standing.changed.took
    quiet, told = stage.until("gone", 40)
    assert told == ["gone"]
    assert stage.alarms["gone"] == began
    assert began[0].startswith("changed ")
    assert stage.standing.ticks - 1 - seen == max(3, 2 * took)
    assert quiet >= 2
    assert stage.standing.word.startswith("NO CHANGE SEEN")


def test_an_accepted_change_begins_anew_and_says_so():
    stage = Stage()
    stage.tick()
    stage.until("changed", 5, texts=NEW)
    began = stage.alarms["changed"]
    stage.reference = "two"
    assert stage.tick() == ["accepted"]
    assert stage.alarms["accepted"] == began
    assert (stage.standing.ticks, stage.standing.changed) == (1, None)
    stage.reference = "three"
    assert stage.tick() == []


def test_a_system_that_cannot_be_asked_is_never_said_to_have_changed():
    stage = Stage()
    for _ in range(10):
        stage.tick()
    was = stage.standing
    told = [stage.blind() for _ in range(6)]
    assert told == [[] if n != BLIND_TICKS else ["blind"] for n in range(1, 7)]
    assert stage.standing.word == "COULD NOT BE COMPARED"
    assert stage.standing.problem == "it could not be asked: refused"
    assert (stage.standing.evidence, stage.standing.envelope) == (was.evidence, was.envelope)
    assert stage.tick() == ["sees"]
    assert stage.standing.ticks == was.ticks + 1
    assert stage.standing.problem == ""


def test_an_open_alarm_stays_the_first_word_while_nothing_can_be_asked():
    stage = Stage()
    stage.tick()
    stage.until("changed", 5, texts=NEW)
    stage.blind()
    assert stage.standing.word.startswith("CHANGED")


def test_probes_do_not_count_for_the_quality():
    """They come more often than other cases, which the suite weighs the same."""
    stage = Stage()
    for _ in range(3):
        stage.tick(probes=0)
    assert stage.standing.quality is None
    assert stage.standing.envelope.answers == 0


def test_false_alarms_are_as_rare_as_is_said():
    """Allowed to be wrong once in 24 ticks, 8 watches of 24 ticks may raise 8 false alarms."""
    nervous = WATCH.model_copy(update={"false_alarm_days": 1.0, "tolerance": 0.0})
    alarms = 0
    for seed in range(8):
        stage = Stage(nervous, seed)
        told = [kind for _ in range(24) for kind in stage.tick()]
        alarms += told.count("changed") + told.count("outside")
    assert alarms <= 8
