"""'Did you mean'."""

from gameday.catalog.nearest import did_you_mean


def test_the_nearest_name_is_offered():
    assert did_you_mean("fault", ["faults", "checks"]) == "; did you mean 'faults'?"


def test_where_none_is_near_all_are_named_once():
    assert did_you_mean("zzz", ["b", "a", "b"]) == "; expected one of a, b"


def test_where_none_is_known_it_says_so():
    assert did_you_mean("zzz", []) == "; no key is expected here"
