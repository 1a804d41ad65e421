"""What stands in a cell, and which rows there are."""

from bench import tables


def test_what_was_not_measured_is_a_dash():
    assert [tables.text(value) for value in (None, 0, 1.50, "wrk")] == ["-", "0", "1.5", "wrk"]


def test_a_lane_that_did_not_run_has_no_row():
    head, rows = tables.lane_table({"wrk": {"rate": 3}}, ["gate", "wrk"], ["rate", "cpu"])
    assert head == ["lane", "rate", "cpu"]
    assert rows == [["wrk", "3", "-"]]


def test_columns_stand_under_their_heads():
    assert tables.aligned(["a", "b"], [["long", "1"]]) == "a     b\nlong  1"
    assert tables.piped(["a", "b"], [["long", "1"]]) == "| a | b |\n| --- | --- |\n| long | 1 |"
