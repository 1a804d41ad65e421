"""A sample, and the row of a column that is one."""

from copy import copy
from datetime import UTC, datetime, timedelta

import pytest

from gameday.domain.sample import FIELDS, Attempt, Outcome, Sample
from gameday.domain.samples import KINDS, Samples

NOW = datetime(2026, 1, 5, tzinfo=UTC)
ONE = Sample(
    seq=3,
    case="refund",
    intended_at=NOW,
    finished_at=NOW + timedelta(milliseconds=250),
    send_lag_ms=0.25,
    latency_ms=250.0,
    outcome=Outcome.OK,
    served_by="primary",
    attempts=(Attempt("primary", Outcome.REFUSED, 1.0), Attempt("secondary", Outcome.OK, 200.0)),
    scores={"contains": 1.0, "judge": None},
)


def test_every_field_has_its_kind_of_column():
    assert tuple(KINDS) == FIELDS


def test_a_row_is_the_sample():
    (row,) = Samples.of([ONE])
    assert isinstance(row, Sample)
    assert row == ONE
    assert row.as_dict() == ONE.as_dict()
    assert (row.good, row.left, row.way) == (ONE.good, ONE.left, ONE.way)
    assert row.tried("secondary")
    assert not row.tried("third")
    assert copy(row) == ONE
    with pytest.raises(AttributeError, match="latency"):
        _ = row.latency


def test_a_changed_sample_leaves_the_first_alone():
    (row,) = Samples.of([ONE])
    for made in (ONE, row):
        other = made.changed(case="other")
        assert (other.case, made.case) == ("other", "refund")
        assert other != made
        assert other.changed(case="refund") == made
    with pytest.raises(TypeError, match="laten"):
        ONE.changed(laten=1)
    assert ONE != "refund"


def test_two_samples_share_nothing():
    one, other = ONE.changed(), ONE.changed()
    assert one == other
    bare = {name: getattr(ONE, name) for name in FIELDS if name not in {"scores", "seals"}}
    assert Sample(**bare).scores is not Sample(**bare).scores
