"""What axe says of the pages that people look at, wide and narrow, light and dark."""

from pathlib import Path

import pytest

from tests.browser.browsing import needs_chromium, violations
from tests.browser.test_report import render
from tests.gameday.reporting.runs import EVERY_RUN

pytestmark = needs_chromium
SEEN = [(1200, False), (390, False), (1200, True)]


@pytest.mark.parametrize(("width", "dark"), SEEN, ids=["wide", "phone", "dark"])
@pytest.mark.parametrize("name", ["responding", "failing"])
def test_the_report_breaks_no_rule(name, width, dark, tmp_path):
    html = Path(render(EVERY_RUN[name](), tmp_path).removeprefix("file://")).read_text()
    assert violations(html, tmp_path, width=width, dark=dark) == []


def test_a_page_that_breaks_rules_is_told(tmp_path):
    """Else an axe that looks at nothing would be content with everything."""
    html = Path(render(EVERY_RUN["failing"](), tmp_path).removeprefix("file://")).read_text()
    broken = html.replace('<html lang="en">', "<html>").replace(
        "</main>", '<p style="color:#ddd;background:#fff">pale</p></main>'
    )
    rules = {one.partition(":")[0] for one in violations(broken, tmp_path, width=1200)}
    assert rules >= {"html-has-lang", "color-contrast"}
