"""Reads OTLP/JSON by the protocol's own definitions, which refuse a key that they do not know."""

import base64
import json

from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

IDS = {"traceId": 16, "spanId": 8, "parentSpanId": 8}


def read_spans(text):
    """All spans, and the resource's attributes."""
    request = ParseDict(_with_ids(_only_line(text)), ExportTraceServiceRequest())
    (resource,) = request.resource_spans
    (scope,) = resource.scope_spans
    return list(scope.spans), told(resource.resource.attributes)


def read_metrics(text):
    """Each metric by its name, and the resource's attributes."""
    request = ParseDict(_only_line(text), ExportMetricsServiceRequest())
    (resource,) = request.resource_metrics
    (scope,) = resource.scope_metrics
    return {one.name: one for one in scope.metrics}, told(resource.resource.attributes)


def told(attributes):
    return {one.key: _plain(one.value) for one in attributes}


def _plain(value):
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_plain(one) for one in value.array_value.values]
    return getattr(value, kind)


def _only_line(text):
    (line,) = text.splitlines()
    return json.loads(line)


def _with_ids(found):
    """OTLP's JSON writes ids in hex, where the usual mapping of bytes is base64."""
    if isinstance(found, list):
        return [_with_ids(one) for one in found]
    if not isinstance(found, dict):
        return found
    return {
        key: _as_bytes(value, IDS[key]) if key in IDS else _with_ids(value)
        for key, value in found.items()
    }


def _as_bytes(text, length):
    raw = bytes.fromhex(text)
    assert len(raw) == length
    assert any(raw)
    return base64.b64encode(raw).decode()
