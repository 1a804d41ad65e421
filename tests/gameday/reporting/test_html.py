"""The HTML report holds together, says what is known, and lets no text act."""

import re
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gameday.domain.drill import Drill
from gameday.domain.sample import Attempt
from gameday.reporting.write import write_reports
from tests.gameday.reporting.pages import read_page
from tests.gameday.reporting.runs import EVERY_RUN, MadeRun, make_samples, passing_run
from tests.gameday.reporting.runs import by_secondary as well
from tests.gameday.reporting.stand_ins import MAKERS
from tests.gameday.reporting.untrusted import HOSTILE, INVISIBLE

TAGS = frozenset(
    """
    html head meta title style body header main footer section span b h1 h2 h3 p bdi dl div dt
    dd figure svg desc defs pattern rect path text tspan circle ol ul li figcaption details
    summary table thead tbody tr th td blockquote pre code
    """.split()  # noqa: SIM905 - thirty quoted names would be read by nobody
)


def render(run: MadeRun, tmp_path):
    folder = run.store(tmp_path)
    write_reports(folder, run.record, run.samples, MAKERS)
    return folder.html_file.read_text()


@pytest.fixture(scope="module", params=EVERY_RUN)
def html(request, tmp_path_factory):
    return render(EVERY_RUN[request.param](), tmp_path_factory.mktemp("runs"))


def test_it_nests_and_holds_only_elements_that_cannot_act(html):
    page = read_page(html)
    assert {element.tag for element in page.elements} <= TAGS
    for element in page.elements:
        assert not any(name.startswith("on") for name in element.attributes)
        assert not {"href", "src", "srcset", "action", "xlink:href"} & element.attributes.keys()
    assert page.comments == []
    ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
    assert len(set(ids)) == len(ids)


def test_it_loads_nothing_and_runs_nothing(html):
    policy = next(e for e in read_page(html).all("meta") if "http-equiv" in e.attributes)
    assert policy.attributes == {
        "http-equiv": "Content-Security-Policy",
        "content": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    }
    assert "@import" not in html
    assert re.findall(r"url\(([^)]*)\)", html) == re.findall(r"url\((#hatch-\w+)\)", html)


def test_headings_come_in_order_and_every_section_has_a_name(html):
    page = read_page(html)
    levels = [int(e.tag[1]) for e in page.all("h1", "h2", "h3")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert page.one("html").attributes["lang"] == "en"
    ids = {e.attributes.get("id") for e in page.elements}
    for section in page.all("section"):
        assert section.attributes["aria-labelledby"] in ids
    assert len(page.all("main")) == 1


def test_a_picture_has_a_title_words_and_a_table(html):
    page = read_page(html)
    pictures = [e for e in page.all("svg") if e.attributes.get("role") == "img"]
    ids = {e.attributes.get("id") for e in page.elements}
    for picture in pictures:
        assert set(picture.attributes["aria-labelledby"].split()) <= ids
    assert all(
        e.attributes.get("aria-hidden") == "true" for e in page.all("svg") if e not in pictures
    )
    if pictures:
        assert any(e.text == "The picture as a table" for e in page.all("summary"))


def test_no_section_is_a_placeholder(html):
    for section in read_page(html).all("section"):
        assert len(section.text.split()) > 5


def test_the_verdict_comes_first_in_words(tmp_path):
    page = read_page(render(EVERY_RUN["failing"](), tmp_path))
    assert page.one("h1").text.startswith("For 10 s nobody got an answer")
    assert page.all("title")[0].text == "FAILED · provider-outage · 4F9C"
    held = [e.text for e in page.all("span") if e.attributes.get("class") == "held"]
    assert held == ["no"] * 7 + ["felt", "yes", "yes"]


def test_every_figure_of_the_picture_is_in_its_table(tmp_path):
    page = read_page(render(passing_run(), tmp_path))
    rows = [e for e in page.all("tr") if "faulted" in e.text and "secondary 20" in e.text]
    assert len(rows) >= 28


def hostile_run(text: str) -> MadeRun:
    """A passing run in which everything that strangers write is `text`."""

    def answer(draw, due_s):
        made = well(draw, due_s)
        tries = (
            *made["attempts"],
            Attempt(provider=text or "x", outcome="ok", elapsed_ms=1),
        )
        said = dict.fromkeys(("answer_excerpt", "detail", "model", "fingerprint", "version"), text)
        return {**made, **said, "served_by": text, "attempts": tries}

    made = passing_run()
    samples = tuple(s.changed(case=text) for s in make_samples(answer, 62))
    fault = made.record.faults[0].model_copy(update={"cleared_because": text})
    events = {
        author: tuple(
            e.model_copy(update={"what": text, "facts": {text: text, "more": [text]}})
            for e in events
        )
        for author, events in made.events.items()
    }
    drill = made.record.request.drill.model_dump(mode="json")
    drill = Drill.model_validate({**drill, "hypothesis": (text or "-")[:400]})
    request = made.record.request.model_copy(update={"drill": drill, "requested_by": text})
    preflight = (made.record.preflight[0].model_copy(update={"name": text, "sentence": text}),)
    record = made.record.model_copy(
        update={
            "faults": (fault,),
            "approved_by": text,
            "request": request,
            "preflight": preflight,
            "dirty": text,
        }
    )
    return MadeRun(record, samples, events=events)


FEW = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


# What the same report has without hostile text: nothing may be added, or broken out of.
with TemporaryDirectory() as plain:
    PLAIN = {
        (element.tag, name)
        for element in read_page(render(passing_run(), Path(plain))).elements
        for name in element.attributes
    }


def assert_harmless(html):
    page = read_page(html)
    assert {element.tag for element in page.elements} <= TAGS
    assert page.comments == []
    for element in page.elements:
        assert not any(name.startswith("on") for name in element.attributes)
        assert not {"href", "src"} & element.attributes.keys()
    assert not set(html) & set(INVISIBLE)
    assert {(e.tag, name) for e in page.elements for name in e.attributes} <= PLAIN


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_strangers_does_nothing(text, tmp_path):
    html = render(hostile_run(text), tmp_path)
    assert_harmless(html)
    if "<script>" in text:
        assert "&lt;script&gt;alert(1)" in html


@FEW
@given(st.text(alphabet=st.sampled_from("<>&\"'`{}%/=a \x1b\u202e\u200b"), max_size=40))
def test_any_text_of_strangers_does_nothing(tmp_path_factory, text):
    assert_harmless(render(hostile_run(text), tmp_path_factory.mktemp("any")))


def test_secrets_in_answers_are_masked(tmp_path):
    html = render(hostile_run("mail ana@corp.example key sk-" + "a1" * 12), tmp_path)
    answers = [e.text for e in read_page(html).all("blockquote")]
    assert answers == ["mail [e-mail] key [key]"]
