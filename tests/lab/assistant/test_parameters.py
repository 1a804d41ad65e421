"""How much of a question is passed on, who may set it, and what cuts more in silence."""

import pytest

from lab.assistant.parameters import ParametersChangedError, ParameterTable

LONG = "We have five shops and want a smaller plan. What must be done?"


def test_as_much_of_a_question_is_passed_on_as_is_set() -> None:
    table = ParameterTable(len(LONG))
    assert table.passed_on(LONG) == LONG
    assert table.passed_on(f"{LONG}!") == LONG
    table.write(7)
    assert table.passed_on(LONG) == "We have"


def test_nobody_overwrites_what_they_have_not_read() -> None:
    table = ParameterTable(4000)
    etag = table.now.etag
    table.write(100, etag)
    with pytest.raises(ParametersChangedError, match="input_chars_max is 100, version 2, by now"):
        table.write(200, etag)
    assert table.now.input_chars_max == 100
    table.write(200, "*")
    assert table.now.input_chars_max == 200


def test_what_cuts_more_is_told_nowhere() -> None:
    table = ParameterTable(4000, cuts_input_at=7)
    assert table.passed_on(LONG) == "We have"
    assert table.now.input_chars_max == 4000
    table.write(2)
    assert table.passed_on(LONG) == "We"
