"""`corpus_edit`: what it needs of each variant, and when a client has seen it."""

from typing import Any

import pytest

from gameday.catalog.kinds import faults
from gameday.domain.component import digest_of
from gameday.domain.drill import FaultSpec
from gameday.domain.errors import FileError
from gameday.domain.lease import FaultRecord
from gameday.domain.sketch import sketch_of
from gameday.faults.corpus_edit import CorpusEdit
from tests.gameday.faults.judged import answered, record, window

PUT = {"put": {"refunds.md": "Refunds take 3 days."}}


def made(**settings: Any) -> CorpusEdit:
    fault = faults.make(FaultSpec(kind="corpus_edit", on="component/corpus", settings=settings))
    assert isinstance(fault, CorpusEdit)
    return fault


STALE = made(variant="stale", **PUT)


@pytest.mark.parametrize(
    ("variant", "settings", "changes"),
    [
        ("stale", PUT, PUT | {"delete": []}),
        ("contradictory", PUT, PUT | {"delete": []}),
        ("poisoned", PUT | {"delete": ["a"]}, PUT | {"delete": ["a"]}),
        ("deleted", {"delete": ["a"]}, {"put": {}, "delete": ["a"]}),
        ("rechunked", {"to": "rechunked"}, "rechunked"),
        ("reembedded", {"to": 41}, 41),
    ],
)
def test_each_variant_changes_what_it_says(variant: str, settings: dict[str, Any], changes: Any):
    assert made(variant=variant, **settings).change() == changes


@pytest.mark.parametrize(
    ("variant", "settings", "why"),
    [
        ("stale", {}, "stale needs put or delete"),
        ("stale", {"delete": ["a"]}, "stale needs put"),
        ("stale", PUT | {"to": "v1"}, "and no `to`"),
        ("deleted", PUT, "deleted puts nothing"),
        ("rechunked", PUT, "rechunked needs `to`"),
        ("reembedded", PUT | {"to": "v1"}, "and no put or delete"),
        ("muddled", PUT, "variant"),
    ],
)
def test_what_does_not_fit_the_variant_is_refused(variant: str, settings: dict[str, Any], why: str):
    with pytest.raises(FileError, match=why):
        made(variant=variant, **settings)


# --- felt ---------------------------------------------------------------------------------------


def version(label: str) -> dict[str, str]:
    return {"label": label, "digest": digest_of(label)}


EDITED = record(version_at_arm=version("tree a"), version_while=version("tree b"))


def answers(text: str, *, n: int = 12, case: str = "refund", **more: Any) -> list[Any]:
    return [
        answered(seq=k, case=case, sketch=sketch_of(f"{text} {k % 3}"), **more) for k in range(n)
    ]


def felt(now: list[Any], before: list[Any], fault: CorpusEdit = STALE, of: FaultRecord = EDITED):
    return fault.felt(of, "corpus", window(before), window(now))


def test_a_version_that_the_baseline_never_told_shows_it():
    before, now = (answers("30 days", version=name) for name in ("v3", "v4"))
    seen = felt(now, before)
    assert seen.count == 12
    assert "component corpus went from tree a (" in seen.sentence
    assert "12 answers tell a version that none of the baseline told" in seen.sentence


def test_answers_that_no_longer_pass_show_it():
    before = answers("30 days", passed=True, quality=1.0)
    now = answers("30 days", passed=False, quality=0.0)
    seen = felt(now, before)
    assert seen.count == 12
    assert "12 answers to 1 case no longer pass" in seen.sentence


def test_other_answers_than_before_show_it_whatever_the_suite_thinks():
    seen = felt(answers("3 days, and only in March"), answers("30 days", n=30))
    assert seen.felt
    assert "no longer those of before: evidence" in seen.sentence


def test_an_edit_that_no_client_saw_is_not_felt():
    seen = felt(answers("30 days"), answers("30 days", n=30))
    assert not seen.felt
    assert "and no client saw it in 12 answers" in seen.sentence


def test_an_edit_of_nothing_is_not_felt_whatever_the_answers_say():
    same = record(version_at_arm=version("tree a"), version_while=version("tree a"))
    seen = felt(answers("3 days", version="v4"), answers("30 days", version="v3"), of=same)
    assert not seen.felt
    assert "nothing was edited" in seen.sentence


def test_only_the_cases_that_ask_for_it_count_where_they_are_named():
    named = made(variant="stale", **PUT, cases=["refund"])
    before = [*answers("30 days", n=30), *answers("3 euros", n=30, case="price")]
    now = [*answers("30 days"), *answers("9 pounds sterling", case="price")]
    assert not felt(now, before, named).felt
    assert felt(now, before).felt
