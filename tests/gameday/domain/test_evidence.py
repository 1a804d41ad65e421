"""A rule of redaction that would take out everything, or nothing, is refused."""

import pytest
from pydantic import ValidationError

from gameday.domain.evidence import Evidence


@pytest.mark.parametrize(
    ("pattern", "said"),
    [("(", "no regular expression"), ("[0-9]*", "every place in a text"), ("", "at least 1")],
    ids=["broken", "fits nothing", "empty"],
)
def test_a_rule_that_is_none_is_refused(pattern, said):
    with pytest.raises(ValidationError, match=said):
        Evidence.model_validate({"redact": [{"name": "employee", "pattern": pattern}]})


@pytest.mark.parametrize(
    ("passed", "kept"),
    [(True, False), (False, True), (None, True)],
    ids=["passed", "failed", "unknown"],
)
def test_of_failed_answers_are_those_that_nobody_can_tell_of(passed, kept):
    evidence = Evidence(excerpts="failed", excerpts_of={"health": "none", "faq": "some"})
    assert evidence.keeps_excerpt("orders", passed) is kept
    assert not evidence.keeps_excerpt("health", passed)
    assert evidence.keeps_excerpt("faq", passed)
