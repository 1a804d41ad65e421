"""One number out of somebody's JSON, or a sentence that says what was found instead."""

import pytest

from gameday.domain.errors import SourceError
from gameday.sources.json_number import read_number
from tests.gameday.sources.served import serving

DOCUMENT = {"data": {"items": [{"n": 7}, {"n": 2.5}], "ok": True, "none": None}}


@pytest.mark.parametrize(("path", "value"), [("data.items.0.n", 7.0), ("data.items.1.n", 2.5)])
async def test_a_number_is_found_by_its_path(path, value):
    with serving(**{"/stats": DOCUMENT}) as served:
        found, raw = await read_number(f"{served.url}/stats", path, "s3cret")
    assert found == value
    assert '"items"' in raw
    assert served.asked[0][2] == "Bearer s3cret"


@pytest.mark.parametrize(
    ("answer", "path", "says"),
    [
        (DOCUMENT, "data.ok", "is True; expected a number"),
        (DOCUMENT, "data.none", "is None; expected a number"),
        (DOCUMENT, "data.items", "is a list of 2; expected a number"),
        (DOCUMENT, "data.itmes.0", "without 'itmes' (of data.itmes.0) in an object with 'items'"),
        (DOCUMENT, "data.items.2", "without '2'"),
        ("<html>", "x", "does not answer with JSON: <html>"),
        ((503, "later"), "x", "answers 503: later"),
    ],
)
async def test_anything_else_is_said(answer, path, says):
    with serving(**{"/stats": answer}) as served, pytest.raises(SourceError) as caught:
        await read_number(f"{served.url}/stats", path)
    assert says in caught.value.sentence


async def test_nobody_there_is_said():
    with pytest.raises(SourceError, match="does not answer"):
        await read_number("http://127.0.0.1:1/stats", "x")
