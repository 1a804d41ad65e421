"""Which answers name versions that were known before, model by model."""

from gameday.domain.known_versions import KnownVersions
from gameday.domain.samples import Samples
from tests.gameday.faults.judged import answered


def told(*names: tuple[str | None, str | None]) -> Samples:
    return Samples.of(
        answered(seq=n, model=model, version=version) for n, (model, version) in enumerate(names)
    )


BEFORE = told(("heron", "v3"), ("heron", "v3"), ("heron", "v4"), ("marlin", None))


def test_the_same_and_others_are_told_apart():
    now = told(("heron", "v3"), ("heron", "v4"), ("heron", "v5"), ("heron", None))
    known = KnownVersions(BEFORE)
    assert [one.version for one in known.same(now)] == ["v3", "v4"]
    assert [one.version for one in known.others(now)] == ["v5"]


def test_a_model_that_was_not_there_before_tells_nothing():
    now = told(("plover", "v9"), ("marlin", "v9"))
    known = KnownVersions(BEFORE)
    assert len(known.others(now)) == 0
    assert len(known.same(now)) == 0


def test_where_nobody_names_a_version_nothing_is_known():
    assert not KnownVersions(told(("heron", None), (None, None)))
    assert not KnownVersions(told())
    assert KnownVersions(BEFORE)
    assert KnownVersions(told((None, "v3")))
