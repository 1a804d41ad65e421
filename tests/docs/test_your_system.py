"""The files shown in docs/your-system.md are read as they stand."""

import re
from pathlib import Path

import pytest

from gameday.catalog.files import load_policy, load_target

PAGE = Path(__file__).resolve().parents[2] / "docs" / "your-system.md"
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
REST = """
target: shop
suite: suite.yaml
providers: {primary: {dialect: openai}, secondary: {dialect: anthropic}}
"""
ENVIRONMENTS = "environments: {e: {injector: 'http://i', front_door: 'http://f'}}\n"


def starting(word):
    return next(block for block in BLOCKS if block.startswith(word))


@pytest.mark.parametrize("word", ["environments", "front_door", "synthetic", "isolation"])
def test_parts_of_a_target_file(word, tmp_path):
    file = tmp_path / "gameday.yaml"
    file.write_text(starting(word) + REST + ("" if word == "environments" else ENVIRONMENTS))
    assert load_target(file).target == "shop"


def test_a_policy_for_production(tmp_path):
    file = tmp_path / "policy.yaml"
    file.write_text(starting("policy"))
    assert [(rule.environment, rule.on) for rule in load_policy(file).allow] == [
        ("staging", "provider/*"),
        ("production", "provider/*"),  # of components, production allows nothing here
        ("staging", "component/*"),
    ]
