"""A year and a half of a target's own Prometheus, week by week; against a real one at the end."""

import math
import socket
import subprocess
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest

from gameday.domain.creep import SPAN_WEEKS, find_creep
from gameday.domain.slo import PromQuery, Slos
from gameday.sources.weekly import read_weeks, weekly_query
from gameday.supervisor.programs import prometheus_server
from tests.gameday.reporting.runs import make_target
from tests.gameday.sources.served import serving

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)  # a Monday
WEEK_S = 7 * 86_400


def target_with(**slos):
    return make_target().model_copy(update={"slos": Slos.model_validate(slos)})


def no_secret(_):
    return None


async def weeks_of(stated, *answers, now=NOW):
    """The weeks that the objective has where its parts are answered so, one after the other.

    stated: the objective, as it is written where its Prometheus is at this URL.
    """
    left = list(answers)
    with serving() as served:

        class Told(dict):
            def get(self, path, default=None):
                start = float(served.asked[-1][1]["start"])
                values = [[start + n * WEEK_S, str(v)] for n, v in enumerate(left.pop(0))]
                matrix = {"resultType": "matrix", "result": [{"metric": {}, "values": values}]}
                return {"status": "success", "data": matrix}

        served.answers = Told()
        found = await read_weeks(target_with(answered=stated(served.url)), no_secret, now)
        return found[0], [asked[1] for asked in served.asked]


def ratio(url, part="good"):
    query = {"query": "sum(rate(x[{{.window}}]))", "prometheus": url}
    return {"at_least": 0.99, "ratio": {part: query, "total": query}}


async def test_a_ratio_is_the_share_that_was_bad_each_week():
    found, asked = await weeks_of(ratio, [90.0, 99.0, 5.0], [100.0, 100.0, 0.0])
    assert [value for _, value in found.series.points] == pytest.approx([0.1, 0.01])
    assert found.series.last.key == "prometheus answered_bad_share"
    assert found.series.last.objective == 0.01
    assert {one["query"] for one in asked} == {"sum(rate(x[1w]))"}
    assert {one["step"] for one in asked} == {f"{WEEK_S}.000"}
    # Up to the last whole week, so that every point is of seven days.
    assert {float(one["end"]) for one in asked} == {datetime(2026, 11, 30, tzinfo=UTC).timestamp()}


async def test_bad_ones_may_be_counted_instead():
    found, _ = await weeks_of(partial(ratio, part="bad"), [10.0], [100.0])
    assert [value for _, value in found.series.points] == pytest.approx([0.1])


@pytest.mark.parametrize(("of", "value"), [("failure", 0.2), ("success", 0.8)])
async def test_a_ratio_that_is_kept_ready(of, value):
    def kept(url):
        raw = {"raw": {"query": "share", "prometheus": url}, "of": of}
        return {"at_least": 0.9, "raw_ratio": raw}

    found, asked = await weeks_of(kept, [0.2])
    assert [value for _, value in found.series.points] == [pytest.approx(value)]
    assert asked[0]["query"] == "avg_over_time((share)[1w:10m])"


@pytest.mark.parametrize(("op", "worse"), [("lte", "up"), ("lt", "up"), ("gte", "down")])
async def test_a_figure_with_a_bound_is_the_figure(op, worse):
    def bound(url):
        metric = {"metric": {"query": "lag_s", "prometheus": url}, "op": op, "value": 3}
        return {"at_least": 0.9, "threshold": metric}

    found, _ = await weeks_of(bound, [2.5, math.nan, 2.6])
    assert [value for _, value in found.series.points] == [2.5, 2.6]
    last = found.series.last
    assert (last.key, last.objective, last.worse) == ("prometheus answered", 3.0, worse)


async def test_no_figure_of_any_week_says_so():
    found, _ = await weeks_of(ratio, [], [])
    assert found.series is None
    assert found.why == "Prometheus has no figure of any whole week"


async def test_a_prometheus_that_does_not_answer_says_why():
    slo = {
        "at_least": 0.9,
        "raw_ratio": {"raw": {"query": "x", "prometheus": "http://127.0.0.1:1"}},
    }
    (found,) = await read_weeks(target_with(answered=slo), no_secret, NOW)
    assert found.series is None
    assert "does not answer" in found.why


def test_a_counter_is_what_it_grew_by():
    source = PromQuery(query="sum(x)")
    assert weekly_query(source, counter=True) == "increase((sum(x))[1w:10m])"
    assert weekly_query(source, counter=False) == "avg_over_time((sum(x))[1w:10m])"


@pytest.fixture(scope="module")
def real_prometheus(tmp_path_factory):
    """One with 40 weeks of a counter of 7,000 requests a week, of which more fail each week."""
    program, tmp_path = Path(prometheus_server()).resolve(), tmp_path_factory.mktemp("prometheus")
    lines, total, bad = ["# TYPE asked counter", "# TYPE bad counter"], 0, 0
    start = (NOW - timedelta(weeks=40)).timestamp() - NOW.hour * 3600
    asked, failed = [], []
    for step in range(40 * 7 * 24):
        week = step // 168
        total, bad = total + 40, bad + (1 if step % (20 - week // 4) == 0 else 0)
        at = int(start + step * 3600)
        asked.append(f"asked_total {total} {at}")
        failed.append(f"bad_total {bad} {at}")
    text = "\n".join([lines[0], *asked, lines[1], *failed, "# EOF\n"])
    (tmp_path / "history.txt").write_text(text)
    # One block of all of it: blocks of two hours, as it makes them, would take minutes.
    argv = [str(program.with_name("promtool")), "tsdb", "create-blocks-from",
            "--max-block-duration=9000h", "openmetrics", str(tmp_path / "history.txt"),
            str(tmp_path / "data")]  # fmt: skip
    subprocess.run(argv, check=True, capture_output=True, timeout=100)
    (tmp_path / "prometheus.yml").write_text("{}")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    argv = [str(program), f"--config.file={tmp_path}/prometheus.yml",
            f"--web.listen-address=127.0.0.1:{port}", f"--storage.tsdb.path={tmp_path}/data",
            "--storage.tsdb.retention.time=10y"]  # fmt: skip
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(argv, stdout=quiet, stderr=quiet)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/-/ready")
        yield url
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(url):
    for _ in range(600):
        try:
            if httpx.get(url, trust_env=False).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    pytest.fail(f"{url} does not answer")


@pytest.mark.parametrize("with_window", [True, False], ids=["with its window", "bare counters"])
async def test_a_real_prometheus_shows_the_drift(real_prometheus, with_window):
    form = "increase({}[{{{{.window}}}}])" if with_window else "{}"
    bad, total = (
        {"query": form.format(name), "prometheus": real_prometheus}
        for name in ("bad_total", "asked_total")
    )
    described = target_with(answered={"at_least": 0.99, "ratio": {"bad": bad, "total": total}})
    (found,) = await read_weeks(described, no_secret, NOW)
    assert found.why == ""
    assert 38 <= len(found.series.points) <= 40 < SPAN_WEEKS
    first, last = found.series.points[1][1], found.series.points[-1][1]
    assert first == pytest.approx(1 / 20 / 40, rel=0.15)
    assert last == pytest.approx(1 / 11 / 40, rel=0.15)
    assert find_creep(found.series, NOW).state == "worse"
