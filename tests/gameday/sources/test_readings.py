"""Readings of other systems: what is asked, when, and what becomes of a bad answer."""

import asyncio

import pytest

from gameday.domain.reading import measure
from gameday.domain.slo import Slo, Slos
from gameday.sources.readings import Stretch, parts_of, polled, read_prometheus
from tests.gameday.checks.staged import TARGET
from tests.gameday.sources.served import serving

OVER = Stretch("faulted", 1000.0, 1030.0)


def target_with(slos, **alerts):
    target = TARGET.model_copy(update={"slos": Slos.model_validate(slos)})
    if alerts:
        changed = {**target.model_dump(by_alias=True), "alerts": alerts}
        target = type(target).model_validate_json(__import__("json").dumps(changed))
    return target


def no_secret(reference):
    return None if reference is None else f"secret of {reference}"


def vector(*values):
    return {
        "status": "success",
        "data": {"resultType": "vector", "result": [{"metric": {}, "value": v} for v in values]},
    }


def matrix(*series):
    return {
        "status": "success",
        "data": {"resultType": "matrix", "result": [{"metric": {}, "values": s} for s in series]},
    }


async def read_one(answer, query="up", path="query_range", **more):
    with serving(**{f"/api/v1/{path}": answer}) as served:
        source = {"query": query, "prometheus": served.url, **more}
        target = target_with({"x": {"at_least": 0.9, "raw_ratio": {"raw": source}}})
        (reading,) = await read_prometheus(target, parts_of(target, ["x"]), [OVER], no_secret)
    return reading, served


async def test_a_window_is_asked_for_a_scrape_interval_later():
    reading, served = await read_one(matrix([[1015 + s, "0.5"] for s in range(31)]), key="env:K")
    asked = served.asked[0]
    # 15 s is what Prometheus scrapes by where nobody says otherwise.
    assert asked[1] == {"query": "up", "start": "1015.000", "end": "1045.000", "step": "1.000"}
    assert asked[2] == "Bearer secret of env:K"
    assert reading.no_data == ""
    assert (reading.source, reading.place, reading.window) == ("up", served.url, "faulted")
    assert '"matrix"' in reading.raw
    assert measure(Slo(at_least=0.9, raw_ratio={"raw": {"query": "up"}}), {"raw": reading}).share


async def test_a_query_with_the_window_in_it_is_asked_once_at_its_end():
    answer = vector([1045, "0.25"])
    reading, served = await read_one(answer, "rate(x[{{.window}}])", path="query")
    assert served.asked[0][1] == {"query": "rate(x[30s])", "time": "1045.000"}
    assert (reading.at_end, reading.points) == (True, ((1045.0, 0.25),))
    assert reading.no_data == ""


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (matrix(), "the answer is empty"),
        (matrix([[1015 + s, "NaN"] for s in range(31)]), "31 of 31 figures are NaN or infinite"),
        (matrix([[1020, "+Inf"], [1021, "1"]]), "1 of 2 figures are NaN or infinite"),
        (matrix([[1015, "1"]], [[1015, "2"]]), "gives 2 series; expected one"),
        (matrix([[1015 + s, "1"] for s in range(10)]), "no figure for 21 s of the window"),
        ({"status": "error", "error": "parse error at char 3"}, "parse error at char 3"),
        ((400, '{"status":"error","error":"bad"}'), "answers 400"),
        ({"data": 1}, "says no to query_range"),
        ({"status": "success", "data": {"resultType": "matrix"}}, "none of Prometheus"),
    ],
)
async def test_whatever_is_no_series_of_figures_is_no_data(answer, says):
    reading, _ = await read_one(answer)
    assert says in reading.no_data


async def test_a_document_is_read_every_second_while_a_window_goes_on():
    with serving(**{"/stats": {"ok": 10, "all": 10}}) as served:
        ok, every = ({"url": f"{served.url}/stats", "path": path} for path in ("ok", "all"))
        target = target_with({"x": {"at_least": 0.9, "ratio": {"good": ok, "total": every}}})
        async with polled("faulted", parts_of(target, ["x"]), no_secret) as polls:
            await asyncio.sleep(0.3)
            served.answers["/stats"] = {"ok": 18, "all": 20}
            await asyncio.sleep(1.2)
            good, total = polls.readings()
    assert good.source == f"ok of {served.url}/stats"
    assert [value for _, value in good.points][:2] == [10, 18]
    slo = target.slos.get("x")
    assert measure(slo, {"good": good, "total": total}).share == pytest.approx(0.8)


async def test_a_document_that_is_never_there_says_why():
    with serving(**{"/stats": {"other": 1}}) as served:
        raw = {"url": f"{served.url}/stats", "path": "ok"}
        target = target_with({"x": {"at_least": 0.9, "raw_ratio": {"raw": raw}}})
        async with polled("faulted", parts_of(target, ["x"]), no_secret) as polls:
            await asyncio.sleep(0.3)
            (reading,) = polls.readings()
    assert "without 'ok'" in reading.no_data


def test_objectives_over_own_samples_ask_nobody():
    assert parts_of(TARGET, ["availability", "latency_p95", "none"]) == []
