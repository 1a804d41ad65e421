"""What axe says of the pages that people look at, wide and narrow, light and dark."""

from pathlib import Path

import pytest

from gameday.cli.main import main
from tests.browser.browsing import needs_chromium, violations, width_of
from tests.browser.test_report import render
from tests.gameday.reporting.runs import EVERY_RUN
from tests.gameday.reporting.stored_history import store_history

pytestmark = needs_chromium
SEEN = [(1200, False), (390, False), (1200, True)]


@pytest.mark.parametrize(("width", "dark"), SEEN, ids=["wide", "phone", "dark"])
@pytest.mark.parametrize("name", ["responding", "failing"])
def test_the_report_breaks_no_rule(name, width, dark, tmp_path):
    html = Path(render(EVERY_RUN[name](), tmp_path).removeprefix("file://")).read_text()
    assert violations(html, tmp_path, width=width, dark=dark) == []


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    runs, state = store_history(folder, few=True)
    argv = ["site", str(folder / "made"), "--runs", str(runs), "--state", str(state)]
    assert main(argv) == 0
    return folder / "made"


@pytest.mark.parametrize(("width", "dark"), SEEN, ids=["wide", "phone", "dark"])
@pytest.mark.parametrize("page", ["index.html", "drills/lab.lab.provider-outage.html"])
def test_the_site_breaks_no_rule(page, width, dark, site, tmp_path):
    html = (site / page).read_text()
    assert violations(html, tmp_path, width=width, dark=dark) == []
    if width < 400:
        assert width_of(html, tmp_path, width=360) <= 360


def test_a_page_that_breaks_rules_is_told(tmp_path):
    """Else an axe that looks at nothing would be content with everything."""
    html = Path(render(EVERY_RUN["failing"](), tmp_path).removeprefix("file://")).read_text()
    broken = html.replace('<html lang="en">', "<html>").replace(
        "</main>", '<p style="color:#ddd;background:#fff">pale</p></main>'
    )
    rules = {one.partition(":")[0] for one in violations(broken, tmp_path, width=1200)}
    assert rules >= {"html-has-lang", "color-contrast"}
