"""What a policy lets a run change for good: the first rule that covers it, and its bounds."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from gameday.domain.act import ActOrder, ActRecord, ActState
from gameday.domain.policy import Policy
from gameday.domain.respond_rule import RespondRule
from tests.gameday.domain.test_proposal import AT, OFF, PIN, proposal

ORDER = ActOrder(proposal=proposal(), step=PIN)
MINUTE = timedelta(minutes=1)


def rule(**changed: Any) -> RespondRule:
    fields = {"target": "lab", "environment": "lab", "on": "component/*", "kinds": ("pin_model",)}
    return RespondRule.model_validate(fields | changed)


def acted(on: str = "component/model", *, ago: timedelta, run_id: str = "OTHER") -> ActRecord:
    return ActRecord(
        id="x",
        run_id=run_id,
        target="lab",
        environment="lab",
        incident="",
        step=PIN.model_copy(update={"on": on}),
        proposal_digest="",
        asked_by="ada",
        state=ActState.DONE,
        called_at=AT - ago,
    )


@pytest.mark.parametrize(
    ("changed", "covers"),
    [
        ({}, True),
        ({"target": "*", "environment": "l*", "kinds": ("x", "pin_*")}, True),
        ({"target": "shop"}, False),
        ({"environment": "production", "approvals": 1}, False),
        ({"on": "action/*"}, False),
        ({"kinds": ("feature_off",)}, False),
    ],
)
def test_what_a_rule_covers(changed: dict[str, Any], covers: bool):
    assert rule(**changed).covers("lab", "lab", "pin_model", "component/model") is covers


def test_the_first_rule_that_covers_it_decides():
    policy = Policy(policy="p", respond=(rule(approvals=2), rule(approvals=0)))
    found = policy.respond_rule(target="lab", environment="lab", kind=PIN.kind, on=PIN.on)
    assert found == rule(approvals=2)
    assert not policy.respond_rule(target="lab", environment="lab", kind=OFF.kind, on=OFF.on)


def test_a_rule_asks_for_a_person_unless_it_says_otherwise():
    assert rule().approvals == 1
    assert rule(environment="production").approvals == 1


def test_unattended_in_production_needs_the_owners_word():
    with pytest.raises(ValidationError, match="nothing is changed in eu-prod without a person"):
        rule(environment="eu-prod", approvals=0)
    assert rule(environment="eu-prod", approvals=0, unattended=True).too_lax_for("eu-prod") == ""
    # A pattern is looked at again where it matters.
    assert "unattended: true" in rule(environment="*", approvals=0).too_lax_for("production")
    assert rule(environment="*", approvals=0).too_lax_for("staging") == ""


def test_so_many_steps_an_hour_and_no_more():
    one_left = [acted(ago=59 * MINUTE), acted(ago=60 * MINUTE)]  # the second is out of the hour
    assert rule(per_hour=2).bound_passed(ORDER, one_left, AT) == ""
    said = rule(per_hour=2).bound_passed(ORDER, [*one_left, acted(ago=MINUTE)], AT)
    assert said.startswith("2 steps under this rule were carried out within the last hour")
    assert "the policy allows 2; the next one from 03:01:00 UTC on" in said


def test_an_hour_counts_only_what_the_rule_covers():
    elsewhere = acted(ago=MINUTE).model_copy(update={"target": "shop"})
    assert rule(per_hour=1).bound_passed(ORDER, [elsewhere], AT) == ""
    assert rule(per_hour=1).bound_passed(ORDER, [acted(ago=MINUTE)], AT)


def test_what_stood_there_already_was_not_carried_out():
    nothing_called = acted(ago=MINUTE, run_id="7Q2K").model_copy(update={"already": True})
    assert rule(per_hour=1).bound_passed(ORDER, [nothing_called], AT) == ""
    elsewhere = nothing_called.model_copy(
        update={"step": PIN.model_copy(update={"on": "component/tools"})}
    )
    assert rule(changes_max=1).bound_passed(ORDER, [elsewhere], AT) == ""


def test_one_run_changes_so_many_components_and_no_more():
    of_run = [acted(f"component/{on}", ago=MINUTE, run_id="7Q2K") for on in ("prompt", "tools")]
    assert rule(changes_max=3).bound_passed(ORDER, of_run, AT) == ""
    said = rule(changes_max=2).bound_passed(ORDER, of_run, AT)
    assert said == (
        "run 7Q2K has changed component/prompt, component/tools, and the policy lets one run "
        "change 2"
    )
    # The same one once more is no further change; nor is what another run has changed.
    again = ActOrder(
        proposal=proposal(steps=(PIN.model_copy(update={"on": "component/tools"}),)),
        step=PIN.model_copy(update={"on": "component/tools"}),
    )
    assert rule(changes_max=2).bound_passed(again, of_run, AT) == ""
    others = [act.model_copy(update={"run_id": "OTHER"}) for act in of_run]
    assert rule(changes_max=1).bound_passed(ORDER, others, AT) == ""
