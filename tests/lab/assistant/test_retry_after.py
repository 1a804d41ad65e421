"""When a provider wants to be asked again, in each of the ways in which it may say so."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.assistant.retry_after import read_retry_after_s

NOW = datetime(2026, 8, 4, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "60"}, 60.0),
        ({"retry-after": "3.89"}, 3.89),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "1"}, 1.0),
        ({"retry-after": "Tue, 04 Aug 2026 12:00:20 GMT"}, 20.0),
        ({"retry-after": "Tue, 04 Aug 2026 12:00:20"}, 20.0),
        ({"retry-after": "Tue, 04 Aug 2026 14:00:20 +0200"}, 20.0),
        ({"retry-after": "Tue, 04 Aug 2026 11:00:00 GMT"}, 0.0),
        ({}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "tomorrow"}, None),
        ({"retry-after": "Tue, 99 Aug 2026 12:00:20 GMT"}, None),
    ],
)
def test_each_form_is_read(headers: dict[str, str], seconds: float | None) -> None:
    read = read_retry_after_s(headers, NOW)
    assert read == (seconds if seconds is None else pytest.approx(seconds))


@given(st.text(max_size=60))
def test_no_text_is_too_much(text: str) -> None:
    read = read_retry_after_s({"retry-after": text}, NOW)
    assert read is None or read >= 0
