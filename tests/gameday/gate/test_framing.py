"""Heads are rebuilt from what was parsed; what could be read in two ways is refused."""

import pytest

from gameday.gate.framing import (
    BadAnswerError,
    Origin,
    Refusal,
    header_line,
    origin_form,
    rebuild_answer,
    rebuild_request,
    unencoded,
)

ORIGIN = Origin.parse("https://api.example:8443/base/")


def wire(*headers, method=b"POST", at_hand=False):
    return rebuild_request(method, b"/v1/x?y", headers, ORIGIN, at_hand=at_hand).wire


def test_an_origin_is_read_from_a_url():
    assert ORIGIN == ("api.example", 8443, True, b"host: api.example:8443", b"/base")
    assert Origin.parse("http://h").port == 80
    assert Origin.parse("https://user:pw@h").host_line == b"host: h"
    with pytest.raises(ValueError, match="host"):
        Origin.parse("http://")


def test_a_request_keeps_its_headers_their_case_and_their_order():
    assert wire((b"B", b"1"), (b"a", b"2"), (b"Host", b"gate"), (b"Accept-Encoding", b"gzip")) == (
        b"POST /base/v1/x?y HTTP/1.1\r\nhost: api.example:8443\r\nB: 1\r\na: 2\r\n"
        b"Accept-Encoding: gzip\r\n\r\n"
    )


def test_framing_is_written_anew():
    assert wire((b"Content-Length", b"007 ")).endswith(b"\r\ncontent-length: 7\r\n\r\n")
    assert wire((b"Transfer-Encoding", b"Chunked")).endswith(
        b"\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    assert b"expect" in wire((b"Expect", b"100-Continue"))
    assert b"expect" not in wire((b"Expect", b"100-Continue"), at_hand=True)


@pytest.mark.parametrize("connection", [b"X-Secret", b"keep-alive, x-secret", b"X-SECRET ,close"])
def test_what_connection_names_stays_on_this_hop(connection):
    told = wire(
        (b"x-secret", b"1"), (b"Connection", connection), (b"Connection", b"x-b"), (b"X-B", b"")
    )
    assert b"ecret" not in told
    assert b"X-B" not in told
    assert b"onnection" not in told


def test_no_connection_header_can_take_framing_away():
    told = wire(
        (b"Content-Length", b"3"), (b"Host", b"a"), (b"Connection", b"content-length, host")
    )
    assert b"content-length: 3" in told
    assert b"host: api.example:8443" in told


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (400, [(b"Host", b"a"), (b"Host", b"b")]),
        (501, [(b"Transfer-Encoding", b"gzip, chunked")]),
        (417, [(b"Expect", b"200-ok")]),
    ],
)
def test_what_is_not_understood_is_refused(status, headers):
    with pytest.raises(Refusal) as refusal:
        wire(*headers)
    assert refusal.value.status == status


@pytest.mark.parametrize("method", [b"CONNECT", b"TRACE", b"SOURCE", b"PROPFIND"])
def test_methods_of_no_provider_are_refused(method):
    with pytest.raises(Refusal):
        wire(method=method)


def test_targets():
    assert origin_form(b"/a?b") == b"/a?b"
    assert origin_form(b"http://h:1/a?b") == b"/a?b"
    assert origin_form(b"https://h") == b"/"
    for target in (b"*", b"h:443", b"a/b", b"ftp://h/"):
        with pytest.raises(Refusal):
            origin_form(target)


def test_an_answer_keeps_its_headers_without_framing():
    head = rebuild_answer(
        [
            (b"Set-Cookie", b"a"),
            (b"Content-Length", b"5"),
            (b"Set-Cookie", b"b"),
            (b"Connection", b"x, y"),
            (b"X", b"1"),
            (b"Keep-Alive", b"timeout=5"),
            (b"Trailer", b"T"),
        ]
    )
    assert head == ([b"Set-Cookie: a", b"Set-Cookie: b"], 5, False)
    assert rebuild_answer([(b"transfer-encoding", b"chunked")]) == ([], None, True)
    with pytest.raises(BadAnswerError):
        rebuild_answer([(b"Transfer-Encoding", b"gzip")])


def test_a_made_up_line_cannot_become_two():
    assert header_line("x-id", "a\r\nset-cookie: b\0") == b"x-id: aset-cookie: b"
    assert header_line("x-model", "größe \N{SNOWMAN}") == "x-model: größe ?".encode("latin-1")


def test_an_answer_is_asked_for_unencoded():
    assert unencoded([(b"Accept-Encoding", b"br"), (b"A", b"1")]) == [
        (b"A", b"1"), (b"accept-encoding", b"identity"),
    ]  # fmt: skip
