"""Columns that hold one value all the time are packed once, and never for another column."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.sample import Attempt, Outcome, Sample, values_of
from gameday.store import samples as store
from gameday.store.samples import Packer

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def sample(seq, **more):
    fields = {"case": "c", "outcome": Outcome.OK, "request_id": f"id-{seq}"} | more
    return Sample(
        seq=seq, intended_at=NOW, finished_at=NOW, send_lag_ms=0.5, latency_ms=1.5, **fields
    )


VALUES = st.fixed_dictionaries(
    {
        "status": st.sampled_from([None, 0, 1, 200]),
        "passed": st.sampled_from([None, True, False]),
        "turn": st.sampled_from([0, 1]),
        "tokens_in": st.sampled_from([0, 1, 2**40]),
        "served_by": st.sampled_from([None, "", "1", "primary"]),
        "tenant": st.sampled_from(["", "1", "ü"]),
        "sketch": st.sampled_from(["", "00000001"]),
        "request_id": st.sampled_from(["same", "other"]),
        "quality": st.sampled_from([None, 0.0, 1.0]),
        "attempts": st.sampled_from([(), (Attempt("p", Outcome.OK, 1.0),)]),
        "outcome": st.sampled_from(list(Outcome)),
    }
)


@given(st.lists(st.lists(VALUES, min_size=1, max_size=3), min_size=1, max_size=6))
def test_a_block_does_not_depend_on_those_before_it(blocks):
    packer = Packer()
    for block in blocks:
        rows = [values_of(sample(seq, **values)) for seq, values in enumerate(block)]
        assert packer.block(rows) == Packer().block(rows)


def test_what_is_remembered_has_an_end(monkeypatch):
    monkeypatch.setattr(store, "_SAME_MAX", 50)
    packer = Packer()
    for seq in range(200):
        packer.block([values_of(sample(seq, served_by=f"provider {seq}"))])
        assert len(packer._same) <= 50
