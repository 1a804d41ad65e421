"""What axe says of the pages that people look at, wide and narrow, light and dark."""

from datetime import date
from pathlib import Path

import pytest

from gameday.cli.main import main
from gameday.reporting.game_day_page import DayPage, render_game_day
from tests.browser.browsing import needs_chromium, pages_printed, violations, width_of
from tests.browser.test_report import render
from tests.gameday.reporting.days import make_coverage, make_day, make_finding
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


def a_full_day():
    """Five drills, of which one failed and one did not run, with people, findings and gaps."""
    radius = {
        f"Q4-{number}": "all traffic on provider/primary; all of lab/lab" for number in (1, 2)
    }
    findings = [make_finding(), make_finding(2, date(2026, 12, 24))]
    coverage = make_coverage()
    return render_game_day(DayPage(make_day(), findings, date(2026, 11, 22), radius, coverage))


@pytest.mark.parametrize(("width", "dark"), SEEN, ids=["wide", "phone", "dark"])
def test_the_page_of_a_game_day_breaks_no_rule(width, dark, tmp_path):
    assert violations(a_full_day(), tmp_path, width=width, dark=dark) == []


def test_the_page_of_a_game_day_fits_a_phone_and_one_sheet_of_paper(tmp_path):
    assert width_of(a_full_day(), tmp_path, width=360) <= 360
    assert pages_printed(a_full_day(), tmp_path) == 1


def test_a_page_that_breaks_rules_is_told(tmp_path):
    """Else an axe that looks at nothing would be content with everything."""
    html = Path(render(EVERY_RUN["failing"](), tmp_path).removeprefix("file://")).read_text()
    broken = html.replace('<html lang="en">', "<html>").replace(
        "</main>", '<p style="color:#ddd;background:#fff">pale</p></main>'
    )
    rules = {one.partition(":")[0] for one in violations(broken, tmp_path, width=1200)}
    assert rules >= {"html-has-lang", "color-contrast"}
