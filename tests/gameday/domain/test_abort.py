"""Abort conditions: what may be written, what it says, and where it applies."""

from typing import get_args

import pytest

from gameday.catalog.files import load_drill
from gameday.domain.abort import AbortCondition, Metric
from gameday.domain.errors import FileError
from tests.gameday.catalog.authored import DRILL, spoil, written

RIGHT = [
    ({"metric": "error_rate", "above": 0.5, "for": "10s"}, "error_rate above 0.5 for 10 s"),
    ({"metric": "latency_ms_p95", "above": 1500, "for": "10s"}, "latency_ms_p95 above 1500 for 10"),
    ({"metric": "ttft_ms_p95", "above": 700, "for": "500ms"}, "ttft_ms_p95 above 700 for 0.5 s"),
    ({"metric": "quality", "below": 0.8, "for": "10s"}, "quality below 0.8 for 10 s"),
    ({"metric": "cost_per_success_usd", "above": 0.01, "for": "5s"}, "cost_per_success_usd above"),
    ({"metric": "served_share", "of": "secondary", "below": 0.5, "for": "5s"}, "served_share of s"),
    ({"metric": "sent_per_s", "below": 15, "for": "5s"}, "sent_per_s below 15 for 5 s"),
    ({"metric": "cost_usd", "above": 2}, "cost_usd above 2"),
    ({"metric": "unmarked_shift", "above": 0.3}, "unmarked_shift above 0.3"),
    ({"no_data": "10s"}, "no_data for 10 s"),
]


@pytest.mark.parametrize(("written", "words"), RIGHT, ids=[words for _, words in RIGHT])
def test_what_may_be_written(written, words):
    condition = AbortCondition.model_validate(written)
    assert str(condition).startswith(words)
    assert AbortCondition.model_validate_json(condition.model_dump_json()) == condition


def test_each_metric_is_among_them():
    assert {condition.get("metric") for condition, _ in RIGHT} == {*get_args(Metric), None}


WRONG = [
    (
        "{metric: error_rat, above: 0.5, for: 1s}",
        "14:14",
        "expected 'error_rate', 'latency_ms_p95'",
    ),
    (
        "{metric: error_rate, abov: 0.5, for: 1s}",
        "14:26",
        "unknown key 'abov'; did you mean 'above'",
    ),
    (
        "{metric: error_rate, above: 1, for: 1s}",
        "14:5",
        "a share such as error_rate is never above",
    ),
    ("{metric: error_rate, above: 50, for: 1s}", "14:5", "a share such as error_rate is never ab"),
    (
        "{metric: quality, below: 1.5, for: 1s}",
        "14:5",
        "a share such as quality is always below 1.5",
    ),
    ("{metric: error_rate, above: -1, for: 1s}", "14:33", "expected greater than or equal to 0"),
    ("{metric: error_rate, for: 1s}", "14:5", "error_rate needs exactly one of above and below"),
    ("{metric: quality, above: 0.1, below: 0.5, for: 1s}", "14:5", "quality needs exactly one of"),
    ("{metric: error_rate, above: 0.5}", "14:5", "error_rate needs `for`, such as 10s"),
    ("{metric: error_rate, above: 0.5, for: 1}", "14:43", "expected a duration such as 20s"),
    ("{metric: cost_usd, above: 2, for: 1s}", "14:5", "cost_usd acts at once, and takes `above`"),
    ("{metric: cost_usd, below: 2}", "14:5", "cost_usd acts at once, and takes `above` alone"),
    ("{metric: served_share, below: 0.5, for: 1s}", "14:5", "`of` names the provider of a served"),
    (
        "{metric: quality, of: a, below: 0.5, for: 1s}",
        "14:5",
        "`of` names the provider of a served",
    ),
    ("{no_data: 10s, above: 3}", "14:5", "no_data stands alone; write a metric as an entry"),
    ("{no_data: 10}", "14:15", "expected a duration such as 20s"),
    ("{above: 3, for: 1s}", "14:5", "expected no_data or a metric, one of error_rate, latency_ms_"),
]


@pytest.mark.parametrize(("entry", "place", "said"), WRONG, ids=[entry for entry, _, _ in WRONG])
def test_what_may_not_be_written_is_told_with_its_place(tmp_path, entry, place, said):
    text = spoil(DRILL, "checks:\n", f"abort_when:\n  - {entry}\nchecks:\n")
    path = written(tmp_path, text)
    with pytest.raises(FileError) as refused:
        load_drill(path)
    assert refused.value.sentence.startswith(f"{path}:{place}  {said}")


@pytest.mark.parametrize(
    ("condition", "windows"),
    [
        ({"metric": "error_rate", "above": 0.5, "for": "1s"}, {"baseline", "faulted"}),
        ({"metric": "cost_usd", "above": 2}, {"baseline", "faulted", "recovered"}),
        ({"no_data": "10s"}, {"baseline", "faulted", "recovered"}),
        ({"metric": "served_share", "of": "b", "below": 0.5, "for": "1s"}, {"faulted"}),
        ({"metric": "unmarked_shift", "above": 0.3}, {"faulted"}),
    ],
)
def test_where_it_applies(condition, windows):
    guard = AbortCondition.model_validate(condition)
    assert {w for w in ("baseline", "faulted", "recovered", "left") if guard.watches(w)} == windows


def test_a_value_on_the_bound_does_not_pass_it():
    above = AbortCondition(metric="cost_usd", above=2.0)
    assert (above.passed_by(2.0), above.passed_by(2.0001)) == (False, True)
    below = AbortCondition(metric="quality", below=0.8, for_="1s")
    assert (below.passed_by(0.8), below.passed_by(0.7999)) == (False, True)
