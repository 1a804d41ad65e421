"""What each sender tells, in the form that its maker documents, and how it is signed here."""

import base64
import copy
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

from gameday.catalog.kinds import senders
from gameday.domain.sender import SenderSpec
from gameday.serve.receiver import Believed

AT = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
SECRET = "a secret of this test"
STANDARD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SECRETS = {"standard": STANDARD_SECRET}
KINDS = tuple(kind for kind, _ in senders.kinds())

ALERTMANAGER = {
    "version": "4",
    "groupKey": '{}:{alertname="DrillDue"}',
    "truncatedAlerts": 0,
    "status": "firing",
    "receiver": "gameday",
    "groupLabels": {"alertname": "DrillDue"},
    "commonLabels": {"alertname": "DrillDue", "severity": "page"},
    "commonAnnotations": {},
    "externalURL": "http://alertmanager.example:9093",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "DrillDue", "severity": "page"},
            "annotations": {"summary": "Nobody has rehearsed for a month"},
            "startsAt": "2026-01-05T01:59:30.123456789Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example:9090/graph",
            "fingerprint": "c6eadffa33fcdf37",
        }
    ],
}
GRAFANA = {
    "receiver": "gameday",
    "status": "firing",
    "orgId": 1,
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "DrillDue", "team": "blue", "zone": "us-1"},
            "annotations": {"description": "Nobody has rehearsed", "summary": "A drill is due"},
            "startsAt": "2026-01-05T03:59:30.157076+02:00",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "https://play.grafana.example/alerting/1afz29v7z/edit",
            "fingerprint": "c6eadffa33fcdf37",
            "silenceURL": "https://play.grafana.example/alerting/silence/new",
            "dashboardURL": "",
            "panelURL": "",
            "values": {"B": 44.23943737541908, "C": 1},
        }
    ],
    "groupLabels": {},
    "commonLabels": {"team": "blue"},
    "commonAnnotations": {},
    "externalURL": "https://play.grafana.example/",
    "version": "1",
    "groupKey": "{}:{}",
    "truncatedAlerts": 0,
    "title": "[FIRING:1]  (blue)",
    "state": "alerting",
    "message": "**Firing**",
}
PAGERDUTY = {
    "event": {
        "id": "5ac64822-4adc-4fda-ade0-410becf0de4f",
        "event_type": "incident.triggered",
        "resource_type": "incident",
        "occurred_at": "2026-01-05T01:59:30.123Z",
        "agent": {"id": "PLH1HKV", "summary": "Tenex Engineer", "type": "user_reference"},
        "client": None,
        "data": {
            "id": "PGR0VU2",
            "type": "incident",
            "number": 2,
            "status": "triggered",
            "title": "DrillDue",
            "service": {"id": "PF9KMXH", "summary": "API Service", "type": "service_reference"},
            "assignees": [],
            "escalation_policy": {"id": "PUS0KTE", "summary": "Default"},
            "teams": [],
            "priority": {"id": "PSO75BM", "summary": "P1", "type": "priority_reference"},
            "urgency": "high",
            "conference_bridge": None,
            "resolve_reason": None,
        },
    }
}
DATADOG = {
    "cycle": "1641379130000000",
    "transition": "Triggered",
    "date": "1767578370000",
    "title": "DrillDue",
    "monitor": "91",
    "tags": "monitor, env:staging, role:computing-node",
}
STANDARD = {
    "type": "alert.firing",
    "timestamp": "2026-01-05T01:59:30Z",
    "data": {"alert": "due-2026-01", "labels": {"title": "DrillDue", "env": "staging"}},
}
BODIES = {
    "alertmanager": ALERTMANAGER,
    "grafana": GRAFANA,
    "pagerduty": PAGERDUTY,
    "datadog": DATADOG,
    "standard": STANDARD,
}


def resolved(kind):
    """The same alert's end, as each sender tells it."""
    body = copy.deepcopy(BODIES[kind])
    if kind in {"alertmanager", "grafana"}:
        body["status"] = body["alerts"][0]["status"] = "resolved"
        body["alerts"][0]["endsAt"] = "2026-01-05T02:00:00Z"
    elif kind == "pagerduty":
        body["event"] |= {"id": "another", "event_type": "incident.resolved"}
    elif kind == "datadog":
        body |= {"transition": "Recovered", "date": "1767578400000"}
    else:
        body |= {"type": "alert.resolved", "timestamp": "2026-01-05T02:00:00Z"}
    return body


def believed(kind, **settings):
    secret = SECRETS.get(kind, SECRET)
    spec = SenderSpec(kind=kind, settings={"secret": "env:UNREAD", **settings})
    return Believed(senders.make(spec), secret)


def content(body):
    return json.dumps(body).encode()


def signed(kind, sent, at=AT, secret=None):
    """The headers with which `sent` is that sender's."""
    secret = secret or SECRETS.get(kind, SECRET)
    if kind == "grafana":
        return {"X-Grafana-Alerting-Signature": _hex(secret, sent)}
    if kind == "pagerduty":
        return {"X-PagerDuty-Signature": f"v1={'0' * 64},v1={_hex(secret, sent)}"}
    if kind == "standard":
        moment = str(int(at.timestamp()))
        key = base64.b64decode(secret.removeprefix("whsec_"))
        made = hmac.new(key, f"msg_1.{moment}.".encode() + sent, hashlib.sha256).digest()
        signature = f"v1,{base64.b64encode(made).decode()}"
        return {
            "webhook-id": "msg_1",
            "webhook-timestamp": moment,
            "webhook-signature": f"v1,bm9wZQ== {signature}",
        }
    return {"authorization": f"Bearer {secret}"}


def _hex(secret, sent):
    return hmac.new(secret.encode(), sent, hashlib.sha256).hexdigest()


def ago(seconds):
    return AT - timedelta(seconds=seconds)
