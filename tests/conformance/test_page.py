"""docs/faults.md is what the fault files and the table of expectations say."""

import pytest

from gameday.catalog.kinds import faults
from gameday.faults._gate import GateFault
from tests.conformance.page import PAGE, SHARED, page


def test_the_page_is_up_to_date():
    assert PAGE.read_text() == page(), "run python -m tests.conformance.page"


def test_every_shared_setting_is_explained():
    assert set(SHARED) == set(GateFault.model_fields)


@pytest.mark.parametrize("kind", [kind for kind, _ in faults.kinds()])
def test_every_fault_has_its_section(kind: str):
    section = page().split(f"### `{kind}`\n")[1].split("\n### ")[0]
    for part in ("**On the wire**", "**In reports**", "**Source**", "**Evidence**", "**Scopes**"):
        assert part in section
    for setting in dict(faults.kinds())[kind].model_fields:
        assert setting in SHARED or f"| `{setting}` |" in section
