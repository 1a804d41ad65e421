"""The policy: what it refuses, and with which sentence."""

import pytest
from pydantic import ValidationError

from gameday.domain.drill import FaultSpec
from gameday.domain.lease import Injection
from gameday.domain.policy import Policy, Rule


def wanted(**fields) -> Injection:
    fault = {"kind": "latency", "on": "provider/primary", "scope": "all"}
    fault.update({key: fields.pop(key) for key in ("kind", "on", "scope") if key in fields})
    return Injection(
        **{
            "run_id": "7Q2K",
            "drill": "provider-slow",
            "target": "lab",
            "environment": "lab",
            "fault": FaultSpec(**fault),
            "address": {"toxiproxy": "primary"},
            "lease_s": 15.0,
            "deadline_s": 60.0,
            "plan_digest": "d",
            "requested_by": "someone",
            **fields,
        }
    )


RULE = Rule(
    target="lab",
    environment="lab",
    on="provider/*",
    kinds=("latency", "connection_*"),
    scopes=("all",),
    lease_max="15s",
    deadline_max="60s",
    approvals=1,
)
POLICY = Policy(policy="practice", allow=(RULE,))


@pytest.mark.parametrize(
    ("injection", "approvals", "refusal"),
    [
        (wanted(), 1, ""),
        (wanted(kind="connection_reset"), 2, ""),
        (wanted(on="gateway/primary"), 1, "no rule that allows latency on gateway/primary"),
        (wanted(kind="blackhole"), 1, "no rule that allows blackhole"),
        (wanted(target="shop"), 1, "of shop/lab"),
        (wanted(environment="production"), 1, "of lab/production"),
        (wanted(scope="marked"), 1, "for scope all, not for marked"),
        (wanted(lease_s=15.1), 1, "a lease of 15.1 s is over the policy's 15 s"),
        (wanted(deadline_s=60.5), 1, "a deadline of 60.5 s is over the policy's 60 s"),
        (wanted(), 0, "needs 1 approval(s) of this exact plan, has 0"),
    ],
)
def test_refusals(injection, approvals, refusal):
    said = POLICY.refusal(injection, approvals=approvals)
    assert bool(said) == bool(refusal)
    assert refusal in said


@pytest.mark.parametrize(
    ("scope", "share", "refusal"),
    [
        ("share", 0.25, ""),
        ("share", 0.3, "a share of 0.3 is over the policy's 0.25"),
        ("share", None, "a share of 1 is over the policy's 0.25"),
        ("marked", 0.3, ""),
    ],
)
def test_the_share_of_everybodys_traffic_is_bounded(scope, share, refusal):
    rule = Rule(
        target="*",
        environment="*",
        on="*",
        kinds=("*",),
        scopes=("share", "marked"),
        share_max=0.25,
    )
    settings = {} if share is None else {"share": share}
    injection = wanted(
        fault=FaultSpec(kind="http_error", on="provider/primary", scope=scope, settings=settings)
    )
    assert Policy(policy="practice", allow=(rule,)).refusal(injection, approvals=0) == refusal


def test_a_share_that_grows_later_is_bounded_too():
    rule = Rule(target="*", environment="*", on="*", kinds=("*",), scopes=("share",), share_max=0.2)
    for later, refusal in ((0.2, ""), (0.21, "a share of 0.21 is over the policy's 0.2")):
        settings = {"share": 0.008, "later": [{"after": "20s", "share": later}]}
        fault = FaultSpec(kind="x", on="provider/primary", scope="share", settings=settings)
        said = Policy(policy="p", allow=(rule,)).refusal(wanted(fault=fault), approvals=0)
        assert said == refusal


def test_an_empty_policy_allows_nothing():
    said = Policy(policy="closed").refusal(wanted(), approvals=2)
    assert said.startswith("policy 'closed' has no rule")


def test_the_first_rule_that_covers_decides():
    strict = RULE.model_copy(update={"lease_max": 5.0})
    both = Policy(policy="practice", allow=(strict, RULE))
    assert "a lease of 15 s" in both.refusal(wanted(), approvals=1)


def test_a_rule_without_scopes_allows_marked_traffic_only():
    rule = Rule(target="*", environment="*", on="*", kinds=("*",))
    assert rule.scopes == ("marked",)
    policy = Policy(policy="practice", allow=(rule,))
    assert policy.refusal(wanted(scope="marked"), approvals=0) == ""
    assert policy.refusal(wanted(scope="all"), approvals=0) != ""


def production(**fields) -> Rule:
    rule = {"target": "lab", "environment": "production", "on": "*", "kinds": ("*",)}
    return Rule(**{**rule, "approvals": 1, **fields})


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"approvals": 0}, "nothing is broken in production without a second person: approvals: 1"),
        ({"scopes": ("marked", "all")}, "in production a fault for all traffic reaches users"),
        ({"environment": "eu-prod", "approvals": 0}, "nothing is broken in eu-prod without"),
    ],
)
def test_a_rule_for_production_that_is_too_lax_is_no_rule(fields, says):
    with pytest.raises(ValidationError, match=says):
        production(**fields)


def test_in_production_all_traffic_is_allowed_behind_a_twin_alone():
    rule = production(scopes=("all",), twin=True)
    policy = Policy(policy="p", allow=(rule,))
    asked = wanted(environment="production", isolation_age_s=60.0)
    assert policy.refusal(asked, approvals=1) == ""
    assert "needs 1 approval(s)" in policy.refusal(asked, approvals=0)


def test_a_pattern_opens_production_no_wider_than_a_name_does():
    lax = Rule(target="*", environment="*", on="*", kinds=("*",), scopes=("marked",))
    policy = Policy(policy="p", allow=(lax,))
    asked = {"scope": "marked", "isolation_age_s": 0.0}
    assert policy.refusal(wanted(environment="staging", **asked), approvals=0) == ""
    said = policy.refusal(wanted(environment="production", **asked), approvals=2)
    assert "nothing is broken in production without a second person" in said


WEEK_S = 7 * 86_400.0


@pytest.mark.parametrize(
    ("environment", "within", "age_s", "says"),
    [
        ("staging", None, None, ""),
        ("staging", "1h", None, "nothing proves that synthetic requests do not act for real"),
        ("staging", "1h", 3600.0, ""),
        ("staging", "1h", 3601.0, "is 1.0 h old, over the policy's 1 h"),
        ("production", None, None, "nothing proves that synthetic requests do not act for real"),
        ("production", None, WEEK_S, ""),
        ("production", None, WEEK_S + 1, "over the policy's 168 h"),
    ],
)
def test_the_proof_of_isolation_is_asked_for_and_may_not_be_old(environment, within, age_s, says):
    rule = (
        production(environment=environment, isolation_within=within)
        if within
        else production(environment=environment)
    )
    policy = Policy(policy="p", allow=(rule,))
    asked = wanted(environment=environment, scope="marked", isolation_age_s=age_s)
    said = policy.refusal(asked, approvals=1)
    assert says in said
    assert bool(said) == bool(says)
