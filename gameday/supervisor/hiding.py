"""Keeps secrets and personal marks out of what leaves a process: Temporal's histories, and logs."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DefaultFailureConverter, PayloadCodec, PayloadConverter

from gameday.domain.redaction import redact
from gameday.supervisor.secrets import hide, hide_in


class HidingCodec(PayloadCodec):
    """Takes secrets out by their value. What is read back is as it was stored.

    By their value only: a payload holds names of queues and files too, and what looks like an
    address there must stay what it is.
    """

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [_without_secrets(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)


def _without_secrets(payload: Payload) -> Payload:
    hidden = Payload()
    hidden.CopyFrom(payload)
    hidden.data = hide_in(payload.data)
    return hidden


class HidingFailures(DefaultFailureConverter):
    """Redacts the words of failures: an exception's text may be somebody's answer."""

    def to_failure(
        self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure
    ) -> None:
        super().to_failure(exception, payload_converter, failure)
        _clean(failure)


def _clean(failure: Failure) -> None:
    failure.message = redact(hide(failure.message))
    failure.stack_trace = redact(hide(failure.stack_trace))
    if failure.HasField("cause"):
        _clean(failure.cause)


DATA_CONVERTER = replace(
    pydantic_data_converter,
    payload_codec=HidingCodec(),
    failure_converter_class=HidingFailures,
)


class HidingFormatter(logging.Formatter):
    """Redacts each whole line, what an exception says included."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(hide(super().format(record)))


def start_log(level: int, line: str) -> None:
    """Log to standard error, redacted."""
    handler = logging.StreamHandler()
    handler.setFormatter(HidingFormatter(line))
    logging.basicConfig(level=level, handlers=[handler])
