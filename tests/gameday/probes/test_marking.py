import json

from hypothesis import given, settings
from hypothesis import strategies as st

from gameday.domain.front_door import Marker
from gameday.probes.marking import mark_body, mark_headers

NAMES = st.text("abcXYZ019_-", min_size=1, max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


def read(body, path):
    for name in path.split("."):
        body = body[name]
    return body


@settings(max_examples=50, deadline=None)
@given(body=st.dictionaries(NAMES, JSON, max_size=4), path=st.lists(NAMES, min_size=1, max_size=4))
def test_the_mark_is_at_its_path_and_nothing_beside_it_changes(body, path):
    before = json.dumps(body)
    marked = mark_body(Marker(body=".".join(path)), "RUN1.gd-1", body)
    assert read(marked, ".".join(path)) == "RUN1.gd-1"
    assert json.dumps(body) == before
    assert {k: v for k, v in marked.items() if k != path[0]} == {
        k: v for k, v in body.items() if k != path[0]
    }


def test_what_is_beside_the_mark_inside_stays():
    marked = mark_body(Marker(body="metadata.gameday"), "R.1", {"metadata": {"user": "u"}})
    assert marked == {"metadata": {"user": "u", "gameday": "R.1"}}


def test_each_form_marks_its_own_place_alone():
    body = {"model": "m"}
    assert mark_headers(Marker(header="x-gameday"), "R.1") == {"x-gameday": "R.1"}
    assert mark_body(Marker(header="x-gameday"), "R.1", body) is body
    assert mark_headers(Marker(body="metadata.gameday"), "R.1") == {}
    for marker in (Marker(key="env:KEY"), None):
        assert mark_headers(marker, "R.1") == {}
        assert mark_body(marker, "R.1", body) is body
