"""A proposal's digest stands for exactly what is proposed, wherever it is reckoned."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from gameday.domain.drill import StepSpec
from gameday.domain.proposal import Proposal

AT = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
PIN = StepSpec(kind="pin_model", on="component/model", settings={"to": "previous"})
OFF = StepSpec(kind="feature_off", on="component/feature", settings={})


def proposal(**changed: Any) -> Proposal:
    fields: dict[str, Any] = {
        "run_id": "7Q2K",
        "mode": "live",
        "target": "lab",
        "environment": "lab",
        "runbook": "model-regressed",
        "runbook_digest": "ab" * 32,
        "steps": (PIN,),
        "approvals": 1,
        "asked_by": "ada",
        "incident": "INC-12",
        "expires_at": AT,
    }
    return Proposal(**{**fields, **changed})


def test_the_digest_survives_the_wire() -> None:
    once = proposal()
    again = Proposal.model_validate_json(once.model_dump_json())
    assert again == once
    assert again.digest == once.digest
    assert len(once.digest) == 64


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("run_id", "7Q2L"),
        ("mode", "drill"),
        ("target", "shop"),
        ("environment", "production"),
        ("runbook", "safe-state"),
        ("runbook_digest", "cd" * 32),
        ("steps", (PIN, OFF)),
        ("steps", (PIN.model_copy(update={"settings": {"to": "heron-3"}}),)),
        ("approvals", 0),
        ("asked_by", "bob"),
        ("incident", "INC-13"),
        ("expires_at", AT + timedelta(seconds=1)),
    ],
)
def test_whatever_is_edited_is_another_proposal(field: str, other: Any) -> None:
    assert proposal(**{field: other}).digest != proposal().digest


def test_one_moment_has_one_digest() -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=2)))
    assert proposal(expires_at=elsewhere).digest == proposal().digest
    with pytest.raises(ValidationError, match="timezone"):
        proposal(expires_at=AT.replace(tzinfo=None))


def test_it_expires_at_its_moment_and_not_before() -> None:
    assert proposal().expired(AT)
    assert not proposal().expired(AT - timedelta(microseconds=1))
