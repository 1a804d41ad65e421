"""The history as a site: what is in it, what its links lead to, what it never takes away."""

import shutil
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from gameday.cli.history import pasts_of
from gameday.cli.main import main
from gameday.domain.errors import RefusedError
from gameday.reporting.past import Past
from gameday.reporting.site import Site, drill_page, write_site
from gameday.store.history import History
from tests.gameday.reporting.pages import read_page, skeleton
from tests.gameday.reporting.rows import make_check, make_row
from tests.gameday.reporting.stored_history import store_history
from tests.gameday.reporting.untrusted import HOSTILE, INVISIBLE

NOW = datetime(2028, 12, 1, 9, 0, tzinfo=UTC)


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.to, self.ids = [], set()

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag == "a":
            self.to.append(told["href"])
        assert told.get("id") not in self.ids, told
        self.ids |= {told["id"]} if "id" in told else set()


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    return store_history(tmp_path_factory.mktemp("history"), few=True)


@pytest.fixture
def made(stored, tmp_path, capsys):
    runs, state = stored
    argv = ["site", str(tmp_path / "site"), "--runs", str(runs), "--state", str(state)]
    assert main(argv) == 0
    assert "2 drills" in capsys.readouterr().out
    return tmp_path / "site"


def read(path):
    links = Links()
    links.feed(path.read_text())
    return links


def test_every_link_leads_to_a_page_of_the_site(made):
    pages = sorted(made.rglob("*.html"))
    assert len(pages) == 3 + 6  # the index, two drills, six reports
    reached = {made / "index.html"}
    for page in pages:
        for link in read(page).to:
            assert (page.parent / link).resolve() in pages, link
            reached.add((page.parent / link).resolve())
    assert reached == set(pages)


def test_the_index_says_what_failed_and_what_is_overdue(made):
    text = (made / "index.html").read_text()
    assert "1 of 2 drills passed when they were last run; 1 got worse" in text
    assert "fallback held in run Q2, and now" in text
    assert "and 4 more" in text
    assert "fallback: nobody took over" in text


def test_the_index_says_how_ready_each_target_is_and_what_was_never_rehearsed(made):
    page = read_page((made / "index.html").read_text())
    told = " ".join(one.text for one in page.all("p"))
    assert "Nothing was ever rehearsed on provider/secondary" in told
    assert "connection_refused on provider/primary" in " ".join(one.text for one in page.all("tr"))


def test_a_drills_page_has_its_courses_its_runs_and_its_finding(made):
    text = (made / "drills" / "lab.lab.provider-outage.html").read_text()
    assert text.count("<svg role=") >= 5
    assert "3 runs. 357 ms on 21 Nov 2026" in text
    assert "QX-1" in text
    other = (made / "drills" / "lab.lab.silent-model-update.html").read_text()
    assert "QX-1" not in other


def test_a_report_that_was_taken_away_is_gone_after_the_next_making(made, stored, tmp_path):
    runs = tmp_path / "runs"
    shutil.copytree(stored[0], runs)
    pasts = pasts_of(History(stored[1]).rows())
    moved = [
        Past(tuple(row.model_copy(update={"folder": str(runs / row.run_id)}) for row in past.rows))
        for past in pasts
    ]
    shutil.rmtree(runs / "Q1")
    assert (made / "runs" / "Q1" / "report.html").exists()
    write_site(Site(moved, [], NOW), made)
    assert not (made / "runs" / "Q1").exists()
    drill = (made / "drills" / "lab.lab.provider-outage.html").read_text()
    assert "Q1" in drill
    assert "runs/Q1/" not in drill
    assert [path.name for path in made.parent.iterdir() if path.name.startswith(".site")] == []


def test_a_folder_of_something_else_is_refused_and_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "index.html").write_text("<html>my own</html>")
    with pytest.raises(RefusedError, match="holds something else"):
        write_site(Site([], [], NOW), tmp_path / "mine")
    (tmp_path / "file").write_text("x")
    with pytest.raises(RefusedError):
        write_site(Site([], [], NOW), tmp_path / "file")
    assert (tmp_path / "mine" / "index.html").read_text() == "<html>my own</html>"
    assert (tmp_path / "file").read_text() == "x"


def test_an_empty_folder_and_no_run_at_all_make_a_page(tmp_path):
    (tmp_path / "site").mkdir()
    assert write_site(Site([], [], NOW), tmp_path / "site") == 1
    assert "No run is stored here." in (tmp_path / "site" / "index.html").read_text()


def test_the_same_history_gives_the_same_bytes(stored, tmp_path):
    pasts = pasts_of(History(stored[1]).rows())
    for name in ("a", "b"):
        write_site(Site(pasts, [], NOW), tmp_path / name)
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.html"))
    assert all((tmp_path / "a" / one).read_bytes() == (tmp_path / "b" / one).read_bytes()
               for one in files)  # fmt: skip


def test_names_of_drills_and_targets_cannot_leave_the_folder():
    past = Past((make_row(0),))
    assert Path(drill_page(past)).name == "shop.staging.provider-outage.html"


def skeletons(text, folder):
    """What each page is made of, where everything that strangers write is `text`."""
    rows = tuple(
        make_row(n, 300 + n, checks=[make_check(name=text)], title=text, reason=text)
        for n in range(3)
    )
    write_site(Site([Past(rows)], [], NOW), folder)
    return [skeleton(page.read_text()) for page in sorted(folder.rglob("*.html"))]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_strangers_adds_no_element_and_no_attribute(text, tmp_path):
    assert skeletons(text, tmp_path / "a") == skeletons("plain", tmp_path / "b")
    for page in (tmp_path / "a").rglob("*.html"):
        assert not set(page.read_text()) & set(INVISIBLE)
