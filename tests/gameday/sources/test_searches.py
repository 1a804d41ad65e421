"""The operator's queries, against real servers and commands, also those that misbehave."""

import json
import sys
from urllib.parse import parse_qs, urlsplit

import pytest

from gameday.domain.errors import SourceError
from gameday.domain.isolation import CommandQuery, HttpJson, PrometheusQuery
from gameday.sources.searches import Searcher, count_in
from tests.gameday.loopback import Loopback, QuietHandler


class Place(Loopback):
    """Answers every request with `answer`; remembers what was asked for."""

    def __init__(self, answer="{}", status=200):
        self.asked = []
        outer = self

        class Handler(QuietHandler):
            def do_GET(self):  # noqa: N802 - what http.server looks for
                outer.asked.append((self.path, self.headers.get("authorization")))
                self.answer(status, answer.encode())

        super().__init__(Handler)


@pytest.fixture
def searcher(tmp_path):
    return Searcher(tmp_path)


def http_json(url, path="", **more):
    return HttpJson(kind="http_json", place="stores", url=url, path=path, **more)


def prometheus(url):
    return PrometheusQuery(
        kind="prometheus", place="metrics", url=url, query='sum(n{request="{{canary}}"})'
    )


def command(*argv):
    return CommandQuery(kind="command", place="traces", argv=argv)


async def test_json_over_http_is_asked_for_the_canary_with_its_key(searcher, monkeypatch):
    monkeypatch.setenv("STORE_KEY", "s3cret")
    with Place('{"data": [{"total": 3}]}') as place:
        query = http_json(f"{place.url}/find?q={{{{canary}}}}", "data.0.total", key="env:STORE_KEY")
        assert await searcher.count(query, "a b&c") == 3
        assert place.asked == [("/find?q=a%20b%26c", "Bearer s3cret")]


@pytest.mark.parametrize(
    ("answer", "status", "says"),
    [
        ("{}", 503, "answers 503"),
        ("<html>", 200, "does not answer with JSON"),
        ('{"count": null}', 200, "is no number: null"),
        ('{"count": true}', 200, "is no number: true"),
        ('{"count": "many"}', 200, "is no number"),
        ('{"total": 1}', 200, "has no 'count'"),
    ],
)
async def test_an_answer_that_says_nothing_is_no_zero(searcher, answer, status, says):
    with Place(answer, status) as place, pytest.raises(SourceError, match=says):
        await searcher.count(http_json(place.url, "count"), "c")


async def test_a_place_that_is_not_there_and_a_secret_that_is_missing(searcher):
    with pytest.raises(SourceError, match="does not answer"):
        await searcher.count(http_json("http://127.0.0.1:1/"), "c")
    with pytest.raises(SourceError, match="env:NOT_SET_ANYWHERE"):
        await searcher.count(http_json("http://127.0.0.1:1/", key="env:NOT_SET_ANYWHERE"), "c")


@pytest.mark.parametrize(
    ("document", "path", "count"),
    [
        ([1, 2, 3], "", 3), ([], "", 0), ({"a": {"b": "7"}}, "a.b", 7), ({"a": [0, [1]]}, "a.1", 1),
        (5.5, "", 5.5),
    ],
)  # fmt: skip
def test_numbers_texts_of_numbers_and_lists_are_counts(document, path, count):
    assert count_in(document, path) == count


@pytest.mark.parametrize(
    ("document", "path"),
    [({}, "a"), ([1], "1"), ([1], "x"), ({"a": 1}, "a.b"), ({}, ""), (None, "")],
)
def test_what_is_not_there_is_no_zero(document, path):
    with pytest.raises(SourceError):
        count_in(document, path)


def vector(*values):
    result = [{"metric": {}, "value": [1700000000.0, value]} for value in values]
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}})


@pytest.mark.parametrize(("values", "total"), [((), 0), (("2",), 2)])
async def test_prometheus_is_asked_and_no_series_is_none_found(searcher, values, total):
    with Place(vector(*values)) as place:
        assert await searcher.count(prometheus(place.url), 'c"x') == total
        path, _ = place.asked[0]
        assert path.startswith("/api/v1/query?")
        assert parse_qs(urlsplit(path).query)["query"] == ['sum(n{request="c\\"x"})']


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (vector("NaN"), "is no number"),
        (vector("2", "3"), "the query gives 2 series"),
        ('{"status": "error", "error": "parse"}', "says no to query"),
        ('{"status": "success", "data": {"resultType": "string"}}', "none of Prometheus"),
        ("[]", "says no to query"),
    ],
)
async def test_prometheus_without_a_figure_is_no_zero(searcher, answer, says):
    with Place(answer) as place, pytest.raises(SourceError, match=says):
        await searcher.count(prometheus(place.url), "c")


async def test_a_command_prints_how_many_it_found(searcher, tmp_path):
    (tmp_path / "traces.txt").write_text("one c-1\ntwo c-1\n")
    script = "import sys; print(open('traces.txt').read().count(sys.argv[1]))"
    query = command(sys.executable, "-c", script, "{{canary}}")
    assert await searcher.count(query, "c-1") == 2
    assert await searcher.count(query, "c-2") == 0


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("/no/such/program",), "cannot be run"),
        ((sys.executable, "-c", "raise SystemExit(3)"), "ended with 3"),
        ((sys.executable, "-c", "print('none')"), "is no number"),
        ((sys.executable, "-c", ""), "is no number"),
    ],
)
async def test_a_command_that_fails_has_found_nothing_out(searcher, argv, says):
    with pytest.raises(SourceError, match=says):
        await searcher.count(command(*argv), "c")
