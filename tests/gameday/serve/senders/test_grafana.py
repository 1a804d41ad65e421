"""Grafana's signature, with and without its moment."""

from datetime import timedelta

from gameday.domain.sender import Delivery
from tests.gameday.serve.told import AT, GRAFANA, SECRET, _hex, believed, content

STAMP = "X-Grafana-Alerting-Timestamp"
SENT = content(GRAFANA)


def stamped(at, sent=SENT):
    moment = str(int(at.timestamp()))
    made = _hex(SECRET, f"{moment}:".encode() + sent)
    return {"x-grafana-alerting-signature": made, STAMP.lower(): moment}


def objection(headers, sent=SENT):
    believes = believed("grafana", timestamp_header=STAMP)
    return believes.sender.objection(Delivery(headers, sent, AT), believes.secret)


def test_a_moment_is_signed_too_and_may_not_be_old():
    assert objection(stamped(AT)) == ""
    assert objection(stamped(AT - timedelta(seconds=300))) == ""
    assert "301 s from now" in objection(stamped(AT - timedelta(seconds=301)))
    assert "301 s from now" in objection(stamped(AT + timedelta(seconds=301)))
    fresh = stamped(AT - timedelta(hours=1)) | {STAMP.lower(): str(int(AT.timestamp()))}
    assert "does not fit" in objection(fresh)


def test_a_signature_without_its_moment_does_not_do_where_one_is_asked_for():
    bare = {"x-grafana-alerting-signature": _hex(SECRET, SENT)}
    assert "does not fit" in objection(bare)
    assert "no number" in objection(
        {"x-grafana-alerting-signature": _hex(SECRET, b"soon:" + SENT), STAMP.lower(): "soon"}
    )


def test_its_offsets_are_understood():
    (alert,) = believed("grafana").sender.read(GRAFANA)
    assert (AT - alert.began_at).total_seconds() == 30 - 0.157076
