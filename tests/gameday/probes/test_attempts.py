from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.sample import Attempt, Outcome
from gameday.probes.attempts import parse_attempts

names = st.from_regex(r"[a-z][a-z0-9-]{0,10}", fullmatch=True)
attempts = st.builds(
    Attempt,
    provider=names,
    outcome=st.sampled_from(Outcome),
    elapsed_ms=st.integers(0, 100_000).map(float),
)


@given(st.lists(attempts, max_size=5))
def test_reads_back_what_a_front_door_writes(tries):
    header = ", ".join(f"{t.provider};outcome={t.outcome};ms={t.elapsed_ms:g}" for t in tries)
    assert parse_attempts(header) == tuple(tries)


@given(st.text(max_size=200))
def test_never_raises_and_never_guesses(header):
    for attempt in parse_attempts(header):
        assert attempt.provider
        assert attempt.outcome in Outcome


def test_leaves_out_what_it_cannot_read():
    header = (
        "primary;outcome=exploded;ms=3, secondary;ms=4, ;outcome=ok;ms=1, third;outcome=ok;ms=nan"
    )
    assert parse_attempts(header) == ()


def test_no_header_is_no_attempt():
    assert parse_attempts(None) == ()
