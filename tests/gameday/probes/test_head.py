"""A head that is taken apart late says what the parser would have said at once."""

from httptools import HttpResponseParser
from hypothesis import given
from hypothesis import strategies as st

from gameday.probes.head import Head, last_head

NAMES = st.sampled_from(["X-Served-By", "x-served-by", "X-Attempts", "Server", "x", "content-type"])
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126) | st.just(" "), max_size=12)
FIELDS = st.lists(st.tuples(NAMES, VALUES.map(str.strip)), max_size=6)


def head(status, fields):
    lines = [f"HTTP/1.1 {status} Words", *(f"{name}: {value}" for name, value in fields)]
    return "\r\n".join([*lines, "", ""]).encode()


class Parsed:
    """What llhttp calls the fields of the last head, in the way of `Head.fields`."""

    def __init__(self, came):
        self.fields = {}
        self.parser = HttpResponseParser(self)
        self.parser.feed_data(came)

    def on_message_begin(self):
        self.fields = {}

    def on_header(self, name, value):
        name, value = name.lower().decode(), value.decode("latin-1")
        self.fields[name] = f"{self.fields[name]}, {value}" if name in self.fields else value


@given(FIELDS, st.lists(FIELDS, max_size=2), st.sampled_from([b"", b"\r\n", b"\r\n\r\n"]))
def test_it_is_read_as_the_parser_reads_it(fields, interim, empty_lines):
    fields = [("content-length", "2"), *fields]
    heads = [*(head(103, one) for one in interim), head(200, fields)]
    came = b"".join(empty_lines + one for one in heads) + b"hi"
    found = Head(last_head(came, len(interim)))
    assert found.fields == Parsed(came).fields
    names = "x-served-by", "x-attempts", "served"
    for name in names:
        assert Head(last_head(came, len(interim))).get(name) == found.fields.get(name)
    assert found.get_all(names) == [found.fields.get(name) for name in names]


def test_before_a_head_has_come_nothing_is_in_it():
    assert Head().get("x-served-by") is None
    assert Head().fields == {}
