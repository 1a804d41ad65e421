"""What proves that a fault of a tool or a verifier reached clients."""

from typing import Any

from gameday.domain.fault import Felt
from gameday.domain.sample import Sample
from gameday.faults.verifier_fault import VerifierFault
from tests.gameday.faults.judged import record, sample, window

FAULT = VerifierFault(how="down")


def of(case: str, quality: float | None, request_id: str = "") -> Sample:
    return sample().changed(case=case, quality=quality, request_id=request_id)


def felt(ids: tuple[str, ...], faulted: list[Sample], before: list[Sample] | None = None) -> Felt:
    evidence: dict[str, Any] = {"hits": max(1, len(ids)), "matches": 9, "request_ids": ids}
    return FAULT.felt(
        record(gate_at_clear=evidence), "policy", window(before or []), window(faulted)
    )


def test_calls_are_tied_to_requests_by_their_ids():
    seen = [of("a", 1.0, "r1"), of("a", 1.0, "r2"), of("a", 1.0, "r3")]
    said = felt(("r1", "r3", "elsewhere"), seen)
    assert said.felt
    assert said.sentence == (
        "the gate changed 3 of 9 answers; they were made for 2 requests of clients"
    )


def test_where_no_id_gets_so_far_answers_must_have_got_worse():
    good = [of("a", 1.0), of("a", 1.0), of("b", 1.0), of("b", 0.9)]
    bad = [of("a", 0.0), of("a", 0.1), of("b", 0.0), of("b", 0.0)]
    said = felt(("tool-1",), bad, good)
    assert said.felt
    assert "by id, none of 4 requests of clients made a call of policy, but quality fell by 95" in (
        said.sentence
    )
    same = felt(("tool-1",), good, good)
    assert not same.felt
    assert same.sentence.endswith("the quality of the answers did not fall")
    assert not felt(("tool-1",), good, bad).felt  # better is not worse


def test_answers_that_nobody_scored_tell_nothing():
    unscored = [of("a", None), of("a", None)]
    assert not felt(("tool-1",), unscored, [of("a", 1.0), of("a", 0.9)]).felt


def test_what_reached_nobody_was_not_felt():
    assert not felt((), [of("a", 1.0, "r1")]).felt
