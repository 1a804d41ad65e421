"""The policy: what it refuses, and with which sentence."""

import pytest

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
