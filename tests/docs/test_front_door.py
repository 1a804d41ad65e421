"""What the page on front doors shows is what a target file takes."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from gameday.domain.front_door import FrontDoor

PAGE = Path(__file__).resolve().parents[2] / "docs" / "front-door.md"
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_each_example_is_a_front_door(block):
    door = FrontDoor.model_validate(YAML(typ="safe").load(block))
    assert door != FrontDoor()


def test_there_are_examples():
    assert len(BLOCKS) == 3
