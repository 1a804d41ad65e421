"""The guide to what an incident may change: its files load, and no step is missing in it."""

import re
from pathlib import Path

from gameday.catalog.files import load_actions, load_components, load_policy
from gameday.catalog.kinds import steps
from gameday.domain.action import Action
from gameday.domain.respond_rule import RespondRule
from tests.docs.test_your_system import ENVIRONMENTS, REST

PAGE = Path(__file__).resolve().parents[2] / "docs" / "acts.md"
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)


def starting(word: str) -> str:
    return next(block for block in BLOCKS if block.startswith(word))


def test_the_policy_that_is_shown_is_one(tmp_path: Path):
    (tmp_path / "policy.yaml").write_text(starting("policy"))
    policy = load_policy(tmp_path / "policy.yaml")
    pin = policy.respond_rule(
        target="support", environment="production", kind="pin_model", on="component/model"
    )
    keys = policy.respond_rule(
        target="support", environment="production", kind="command", on="action/rotate-keys"
    )
    assert pin is not None
    assert keys is not None
    assert (pin.approvals, pin.unattended, keys.approvals, keys.approved_within) == (
        0,
        True,
        2,
        300,
    )


def test_each_bound_has_its_row_with_what_holds_unless_said():
    rows = dict(re.findall(r"\n\| `(\w+)` \|.*\| ([^|]+) \|", PAGE.read_text()))
    fields = RespondRule.model_fields
    named = {name for name in fields if name not in ("target", "environment", "on", "kinds")}
    assert named <= rows.keys()
    for name in ("approvals", "per_hour", "changes_max"):
        assert rows[name] == str(fields[name].default)
    assert (fields["approved_within"].default, rows["approved_within"]) == (900, "15 min")


def test_the_component_and_the_actions_that_are_shown_load(tmp_path: Path):
    file = tmp_path / "gameday.yaml"
    file.write_text(starting("components") + REST + ENVIRONMENTS)
    assert set(load_components(file)) == {"feature"}
    file.write_text(starting("actions") + REST + ENVIRONMENTS)
    shown = load_actions(file)
    assert set(shown) == {"rotate-keys", "bypass-gateway"}
    assert all(isinstance(one, Action) and one.can_be_taken_back for one in shown.values())


def test_every_step_is_in_the_guide():
    text = PAGE.read_text()
    for kind, _ in steps.kinds():
        assert f"`{kind}`" in text, kind
