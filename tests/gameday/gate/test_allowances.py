"""What providers tell of their limits is read, and nothing else is taken for it."""

from gameday.gate.allowances import read_allowance


def test_both_ways_to_word_it():
    openai = [
        (b"X-RateLimit-Limit-Requests", b"600"),
        (b"x-ratelimit-remaining-requests", b"12"),
        (b"x-ratelimit-reset-requests", b"6.2s"),
        (b"x-ratelimit-limit-tokens", b"30000"),
        (b"x-ratelimit-remaining-tokens", b"0"),
    ]
    anthropic = [
        (b"anthropic-ratelimit-requests-limit", b"600"),
        (b"anthropic-ratelimit-requests-remaining", b"12"),
        (b"anthropic-ratelimit-requests-reset", b"2026-01-01T00:00:00Z"),
        (b"anthropic-ratelimit-tokens-limit", b"30000"),
        (b"anthropic-ratelimit-tokens-remaining", b"0"),
    ]
    told = {"requests_max": 600, "requests_left": 12, "tokens_max": 30_000, "tokens_left": 0}
    assert read_allowance(openai) == told
    assert read_allowance(anthropic) == told


def test_what_is_no_number_or_another_limit_is_left_out():
    headers = [
        (b"x-ratelimit-limit-requests", b"-1"),
        (b"x-ratelimit-limit-requests-per-day", b"9"),
        (b"anthropic-ratelimit-input-tokens-limit", b"9"),
        (b"x-ratelimit-limit-tokens", b"many"),
        (b"content-length", b"600"),
        (b"ratelimit-", b"3"),
    ]
    assert read_allowance(headers) == {}
