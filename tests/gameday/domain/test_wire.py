"""What the wire's vocabulary itself can do: waits in headers, limits that there are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameday.domain.wire import Allowance, RetryAfter, RetryStyle


@pytest.mark.parametrize(
    ("seconds", "text"), [(20.0, "20"), (0.1, "0.1"), (1.1, "1.1"), (86_400.0, "86400")]
)
def test_seconds_are_told_as_they_are(seconds: float, text: str):
    assert RetryAfter(seconds).headers() == (("retry-after", text),)


def test_milliseconds_have_whole_seconds_beside_them():
    told = RetryAfter(0.1, RetryStyle.MILLISECONDS).headers()
    assert told == (("retry-after-ms", "100"), ("retry-after", "1"))


@pytest.mark.parametrize("style", [RetryStyle.BODY, RetryStyle.ABSENT])
def test_the_others_tell_nothing_in_headers(style: RetryStyle):
    assert RetryAfter(20.0, style).headers() == ()


@settings(max_examples=100)
@given(st.floats(0.001, 86_400))
def test_never_sooner_and_hardly_later(seconds: float):
    ((_, text),) = RetryAfter(seconds).headers()
    assert seconds - 1e-6 <= float(text) <= seconds + 0.001


def test_a_limit_that_there_is_not_is_not_told():
    both = Allowance(5, 1, 100, 20, 3.0)
    assert list(both.limits()) == [("requests", 5, 1), ("tokens", 100, 20)]
    assert list(Allowance(5, 1, None, None, 3.0).limits()) == [("requests", 5, 1)]
