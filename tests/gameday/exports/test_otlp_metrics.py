"""A run's figures as metrics, read back by the protocol's own definitions."""

import math
from dataclasses import replace

import numpy as np
import pytest

from gameday.domain.result import CheckResult
from gameday.domain.sample import Outcome
from gameday.domain.verdict import Held
from gameday.exports.otlp_metrics import SECONDS, OtlpMetrics
from tests.gameday.exports.judged import judge, judged_once
from tests.gameday.exports.otlp_reader import read_metrics, told
from tests.gameday.reporting.runs import EVERY_RUN, failing_run

DELTA = 1


def points(metric):
    found = getattr(metric, metric.WhichOneof("data")).data_points
    return [(told(one.attributes), one) for one in found]


@pytest.mark.parametrize("name", EVERY_RUN)
def test_every_run_can_be_told(name):
    judged = judged_once(name)
    metrics, resource = read_metrics(OtlpMetrics().render(judged))
    assert resource["gameday.run.id"] == judged.result.run_id
    assert all(points(one) for one in metrics.values())
    sent = sum(
        one.count for _, one in points(metrics["gen_ai.client.operation.duration"])
    ) if judged.samples else 0  # fmt: skip
    left = len(judged.samples) - len(judged.samples.stayed)
    assert sent == len(judged.samples) - left


def test_the_histogram_of_a_window_is_that_of_its_requests():
    judged = judged_once("passing")
    metrics, _ = read_metrics(OtlpMetrics().render(judged))
    metric = metrics["gen_ai.client.operation.duration"]
    assert metric.unit == "s"
    assert metric.histogram.aggregation_temporality == DELTA
    (point,) = [
        one
        for said, one in points(metric)
        if said["gameday.window"] == "faulted" and "error.type" not in said
    ]
    took_s = np.array(
        [
            one.latency_ms / 1000
            for one in judged.samples
            if one.served_by == "secondary" and (one.seq / 20) >= 20.013 and one.seq / 20 < 50.02
            and one.finished_at < judged.record.restore.requested_at
        ]
    )  # fmt: skip
    assert point.count == len(took_s)
    assert point.sum == pytest.approx(took_s.sum(), rel=1e-6)
    assert (point.min, point.max) == pytest.approx((took_s.min(), took_s.max()))
    edges = [-math.inf, *(np.nextafter(bound, math.inf) for bound in SECONDS), math.inf]
    assert list(point.bucket_counts) == list(np.histogram(took_s, edges)[0])
    assert list(point.explicit_bounds) == list(SECONDS)
    assert SECONDS[0] == 0.01
    assert SECONDS[-1] == pytest.approx(81.92)


def test_failed_requests_say_how_they_failed_and_those_never_sent_are_no_operations(tmp_path):
    made = failing_run()
    unsent = made.samples[0].changed(outcome=Outcome.UNSENT)
    judged = judge(replace(made, samples=(unsent, *made.samples[1:])), tmp_path)
    metrics, _ = read_metrics(OtlpMetrics().render(judged))
    told_of = points(metrics["gen_ai.client.operation.duration"])
    assert {said.get("error.type") for said, _ in told_of} == {None, "http_error"}
    assert sum(one.count for _, one in told_of) == len(made.samples) - 1


def test_tokens_are_counted_by_sort():
    metrics, _ = read_metrics(OtlpMetrics().render(judged_once("passing")))
    sorts = {said["gen_ai.token.type"] for said, _ in points(metrics["gen_ai.client.token.usage"])}
    assert sorts == {"input", "output"}


@pytest.mark.parametrize(
    ("held", "values"), [(Held.YES, [1.0]), (Held.NO, [0.0]), (Held.UNKNOWN, [])]
)
def test_a_check_that_nobody_can_decide_has_no_value(held, values):
    judged = judged_once("passing")
    check = CheckResult(kind="slo", name="x", held=held, reason="because")
    result = judged.result.model_copy(update={"checks": (check,)})
    metrics, _ = read_metrics(OtlpMetrics().render(replace(judged, result=result)))
    found = points(metrics["gameday.check.held"]) if "gameday.check.held" in metrics else []
    assert [one.as_double for _, one in found] == values


def test_the_response_is_told_from_the_fault_on():
    judged = judged_once("responding")
    metrics, _ = read_metrics(OtlpMetrics().render(judged))
    took = {
        said["gameday.response.moment"]: one.as_double
        for said, one in points(metrics["gameday.response.duration"])
    }
    response = judged.result.response
    expected = (response.called_at - response.injected_at).total_seconds()
    assert took["called"] == pytest.approx(expected)
