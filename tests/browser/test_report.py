"""The report in a real browser: it lays out, stays inside narrow screens, and runs nothing."""

import re
import struct
from pathlib import Path

import pytest

from gameday.reporting.write import write_reports
from tests.browser.browsing import browse, needs_chromium, width_of
from tests.gameday.reporting.runs import EVERY_RUN, passing_run
from tests.gameday.reporting.stand_ins import MAKERS
from tests.gameday.reporting.test_html import hostile_run
from tests.gameday.reporting.untrusted import HOSTILE

pytestmark = needs_chromium


def render(run, tmp_path) -> str:
    folder = run.store(tmp_path)
    write_reports(folder, run.record, run.samples, MAKERS)
    return folder.html_file.as_uri()


@pytest.mark.parametrize("name", EVERY_RUN)
def test_the_verdict_is_on_the_page(name, tmp_path):
    dom = browse(tmp_path / "profile", "--dump-dom", render(EVERY_RUN[name](), tmp_path))
    assert re.search(r'<h1 id="verdict"><bdi>[^<]{10,}</bdi></h1>', dom)
    assert "Plan and versions" in dom


def test_the_browser_finds_no_element_that_strangers_wrote(tmp_path):
    dom = browse(
        tmp_path / "profile", "--dump-dom", render(hostile_run(" ".join(HOSTILE)), tmp_path)
    )
    for tag in ("script", "img", "iframe", "a"):
        assert f"<{tag} " not in dom
        assert f"<{tag}>" not in dom
    assert not re.search(r"<[^>]* on\w+=", dom)


@pytest.mark.parametrize(("width", "height"), [(1200, 1600), (400, 1600)])
def test_it_paints_at_both_widths(width, height, tmp_path):
    image = tmp_path / "report.png"
    browse(
        tmp_path / "profile",
        f"--window-size={width},{height}",
        f"--screenshot={image}",
        render(passing_run(), tmp_path),
    )
    content = image.read_bytes()
    assert struct.unpack(">II", content[16:24]) == (width, height)
    assert len(content) > 40_000  # a blank page of that size is a few kilobytes


def test_nothing_is_wider_than_a_phone(tmp_path):
    """A page around the report measures it at 360 px; the report itself has no script."""
    html = Path(render(hostile_run("x" * 300), tmp_path).removeprefix("file://")).read_text()
    assert width_of(html, tmp_path, width=360) <= 360


def test_its_own_policy_stops_a_script(tmp_path):
    """Were a script to get in, the policy would not let it run."""
    html = Path(render(passing_run(), tmp_path).removeprefix("file://"))
    html.write_text(
        html.read_text().replace("</body>", "<script>document.title = 'ran'</script></body>")
    )
    dom = browse(tmp_path / "profile", "--dump-dom", html.as_uri())
    assert "<title>ran</title>" not in dom
    assert "<title>PASSED" in dom
