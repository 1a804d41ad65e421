"""The Markdown report says the same as the HTML one, and lets no text act either."""

import pytest
from markdown_it import MarkdownIt

from gameday.reporting.write import write_reports
from tests.gameday.reporting.pages import read_page
from tests.gameday.reporting.runs import EVERY_RUN, passing_run
from tests.gameday.reporting.stand_ins import MAKERS
from tests.gameday.reporting.test_html import hostile_run
from tests.gameday.reporting.untrusted import HOSTILE, INVISIBLE

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
TAGS = frozenset(
    """
    h1 h2 p ul li table thead tbody tr th td code pre
    """.split()  # noqa: SIM905 - thirty quoted names would be read by nobody
)


def render(run, tmp_path):
    folder = run.store(tmp_path)
    write_reports(folder, run.record, run.samples, MAKERS)
    return folder.markdown_file.read_text()


def columns_are_even(html):
    page, counts = read_page(html), []
    for element in page.elements:
        if element.tag in {"tr", "table"}:
            counts.append([element.tag, 0])
        elif element.tag in {"td", "th"}:
            counts[-1][1] += 1
    width = 0
    for place, (tag, count) in enumerate(counts):
        width = counts[place + 1][1] if tag == "table" else width
        assert tag == "table" or count == width


@pytest.mark.parametrize("name", EVERY_RUN)
def test_every_run_has_a_report_that_parses(name, tmp_path):
    text = render(EVERY_RUN[name](), tmp_path)
    html = PARSER.render(text)
    assert {e.tag for e in read_page(html).elements} <= TAGS
    columns_are_even(html)
    assert text.count("\n\n\n") == 0


def test_the_verdict_and_the_checks_come_first(tmp_path):
    lines = render(passing_run(), tmp_path).splitlines()
    assert lines[0].startswith("# PASSED: When primary is unreachable")
    assert "| yes | slo availability | 100.0% of 594 (objective 99.5 %) |" in lines


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_strangers_does_nothing(text, tmp_path):
    html = PARSER.render(render(hostile_run(text), tmp_path))
    assert {e.tag for e in read_page(html).elements} <= TAGS
    assert not any("href" in e.attributes for e in read_page(html).elements)
    columns_are_even(html)
    assert not set(html) & set(INVISIBLE)
