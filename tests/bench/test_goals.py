"""Bounds, and what is made of a figure that is not there."""

import pytest

from bench.goals import Goal, Ratio, judged, look_up, ratios

WANTED = [Ratio("added_vs_nginx", ("added", "gate", "p50_us"), ("added", "nginx", "p50_us"))]


def figures(gate, nginx):
    lanes = {"gate": {"p50_us": gate}}
    return {"added": lanes | ({"nginx": {"p50_us": nginx}} if nginx else {})}


def test_a_ratio_is_the_gate_over_the_peer():
    assert ratios(figures(150.0, 100.0), WANTED) == {"added_vs_nginx": 1.5}


@pytest.mark.parametrize("nginx", [None, -1.0])
def test_a_ratio_without_a_peer_or_over_no_time_is_none(nginx):
    assert ratios(figures(150.0, nginx), WANTED) == {"added_vs_nginx": None}


@pytest.mark.parametrize(
    ("value", "met"), [(1.2, "yes"), (1.21, "no"), (-0.1, "yes"), (None, "unknown")]
)
def test_at_most(value, met):
    assert Goal("added_p50_vs_nginx", at_most=1.2).met(value) == met


@pytest.mark.parametrize(("value", "met"), [(0.3, "yes"), (0.29, "no"), (None, "unknown")])
def test_at_least(value, met):
    assert Goal("rps_vs_wrk", at_least=0.3).met(value) == met


@pytest.mark.parametrize(
    ("value", "met"), [(100, "yes"), (99, "no"), (101, "no"), (None, "unknown")]
)
def test_exactly(value, met):
    assert Goal("hits", exactly=100).met(value) == met


def test_a_goal_judges_the_ratio_of_its_name_or_the_figure_that_it_points_at():
    wanted = (Goal("a", at_most=1), Goal("b", exactly=0, figure=("streams", "held")))
    found = judged({"streams": {"held": 3}}, {"a": 0.5}, wanted)
    assert found["a"] == {"value": 0.5, "bound": "<= 1", "met": "yes"}
    assert found["b"] == {"value": 3, "bound": "= 0", "met": "no"}


@pytest.mark.parametrize("path", [("a", "b", "c"), ("a", "x"), ("x",), ("a",)])
def test_what_is_no_number_is_none(path):
    assert look_up({"a": {"b": 1}}, path) is None
