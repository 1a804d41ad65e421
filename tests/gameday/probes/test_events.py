"""Server-sent events come out the same, whatever pieces their bytes arrive in."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from gameday.probes.events import EventReader

STREAM = (
    b": a comment\n\n"
    b"data: one\n\n"
    b"event: second\r\ndata: two\r\ndata:lines\r\n\r\n"
    b"id: 7\rretry: 10\rdata\rdata:  three\r\r"
    b"data: \xe2\x82\xac\n\n"
    b"\n\n"
    b"data: [DONE]\n\n"
)
EVENTS = [
    (b"", b"one"),
    (b"second", b"two\nlines"),
    (b"", b" three"),
    (b"", "\N{EURO SIGN}".encode()),
    (b"", b"[DONE]"),
]


def read(pieces):
    reader = EventReader()
    events = [event for piece in pieces for event in reader.feed(piece)]
    return events + reader.end()


def test_events_are_read_as_the_standard_says():
    assert read([STREAM]) == EVENTS


def test_byte_by_byte():
    assert read([bytes([byte]) for byte in STREAM]) == EVENTS


def test_the_end_of_the_body_ends_the_last_event():
    assert read([b"data: one\n\ndata: two"]) == [(b"", b"one"), (b"", b"two")]
    assert read([b"data: one\n\ndata: two\n"]) == [(b"", b"one"), (b"", b"two")]


@st.composite
def split(draw, content):
    content = draw(content)
    cuts = sorted(draw(st.sets(st.integers(0, len(content)), max_size=20)))
    edges = [0, *cuts, len(content)]
    return [content[a:b] for a, b in pairwise(edges)]


@settings(max_examples=300, deadline=None)
@given(split(st.just(STREAM)))
def test_any_pieces_give_the_same_events(pieces):
    assert read(pieces) == EVENTS


ANY = st.lists(
    st.sampled_from([b"data:", b"data: ", b"event: ", b":", b"x", b"\n", b"\r", b"\r\n", b"\n\n"]),
    max_size=30,
).map(b"".join)


@settings(max_examples=300, deadline=None)
@given(split(ANY))
def test_pieces_never_matter(pieces):
    assert read(pieces) == read([b"".join(pieces)])
