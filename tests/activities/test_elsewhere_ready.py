"""Before a drill: nothing fires, what is judged exists, and every figure can be read."""

import pytest

from activities.elsewhere_ready import (
    alerts_judged,
    alerts_ready,
    budget_does_not_burn,
    objectives_ready,
)
from gameday.domain.alerts import Alerts
from gameday.domain.burn import STANDARD
from gameday.domain.errors import GamedayError, RefusedError
from gameday.domain.slo import Slos
from gameday.sources.burning import Burning
from tests.gameday.reporting.runs import make_drill, make_request
from tests.gameday.sources.served import serving
from tests.gameday.sources.test_watching import held, prometheus_alerts, stages


def alerts_of(served, **changes):
    return Alerts(prometheus=served.url, alertmanager=served.url, sink=served.url, **changes)


def quiet(served):
    served.answers["/healthz"] = {"received": 0}
    served.answers["/api/v2/alerts"] = [held("SomebodyElses")]
    return served


async def test_a_quiet_way_is_ready():
    with stages() as served:
        sentence = await alerts_ready(alerts_of(quiet(served)), ["Fallback"])
    assert sentence == (
        "no alert fires; Prometheus has 2 alerting rules, Alertmanager answers, the sink answers"
    )


async def test_an_alert_that_fires_already_refuses_and_one_that_is_ignored_does_not():
    with stages() as served:
        quiet(served).answers["/api/v1/alerts"] = prometheus_alerts(DiskFull="firing", X="pending")
        with pytest.raises(RefusedError, match=r"^DiskFull fires already at http"):
            await alerts_ready(alerts_of(served), [])
        assert await alerts_ready(alerts_of(served, ignores=("DiskFull",)), [])
        assert await alerts_ready(alerts_of(served, labels={"team": "b"}), [])


async def test_an_alert_without_a_rule_is_refused_with_the_nearest():
    with stages() as served, pytest.raises(RefusedError, match="did you mean 'Fallback'"):
        await alerts_ready(alerts_of(quiet(served)), ["Fallbak"])


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/api/v1/alerts", "answers 503"),
        ("/api/v1/rules", "answers 503"),
        ("/api/v2/alerts", "answers 503"),
        ("/healthz", "answers 503"),
    ],
)
async def test_a_stage_that_does_not_answer_is_named(path, says):
    with stages() as served:
        quiet(served).answers[path] = (503, "starting")
        with pytest.raises(GamedayError) as caught:
            await alerts_ready(alerts_of(served), [])
    assert f"{path} {says}" in caught.value.sentence


async def test_a_target_without_alerts_is_no_trouble():
    assert await alerts_ready(None, []) == "no alert is declared, and none is watched"


def test_the_checks_say_which_alerts_they_judge():
    check = {"kind": "alerted", "name": "Fallback", "within": "20s"}
    assert alerts_judged(make_drill(checks=[check])) == ["Fallback"]


def request_for(raw):
    request = make_request("R1", make_drill(checks=[{"kind": "slo", "name": "x"}]))
    slos = Slos.model_validate({"x": {"at_least": 0.9, "raw_ratio": {"raw": raw}}})
    return request.model_copy(update={"target": request.target.model_copy(update={"slos": slos})})


async def test_each_figure_is_read_once():
    vector = {"resultType": "vector", "result": [{"metric": {}, "value": [1, "0.5"]}]}
    answers = {"/api/v1/query": {"status": "success", "data": vector}, "/n": {"a": 1}}
    with serving(**answers) as served:
        prometheus = {"query": "rate(x[{{.window}}])", "prometheus": served.url}
        assert await objectives_ready(request_for(prometheus)) == (
            "1 figures of other systems can be read"
        )
        assert served.asked[0][1]["query"] == "rate(x[60s])"
        assert await objectives_ready(request_for({"url": f"{served.url}/n", "path": "a"}))
        vector["result"] = []
        with pytest.raises(RefusedError, match="the objective x has no data of raw at http"):
            await objectives_ready(request_for(prometheus))


def burning(slo="answered", rate=20.0, *, tripped=True, why=""):
    rates = dict.fromkeys((300, 1800, 3600, 21_600), rate)
    return Burning(slo, STANDARD[0] if tripped else None, rates, why)


async def test_a_drill_spends_no_budget_that_users_need(monkeypatch):
    said = [burning()]

    async def find(*_):
        return said

    monkeypatch.setattr("activities.elsewhere_ready.find_burning", find)
    request = request_for({"query": "x", "prometheus": "http://127.0.0.1:1"})
    with pytest.raises(RefusedError) as caught:
        await budget_does_not_burn(request)
    assert caught.value.sentence == (
        "the error budget of answered burns: 20.0x over 5 min and 20.0x over 1 h (pages above "
        "14.4x); a drill would spend what users need"
    )
    said[:] = [burning(rate=1.5, tripped=False)]
    assert await budget_does_not_burn(request) == ("no error budget burns: answered at most 1.5x")


@pytest.mark.parametrize(("environment", "refuses"), [("lab", False), ("production", True)])
async def test_what_nobody_knows_of_a_budget_refuses_production_alone(
    environment, refuses, monkeypatch
):
    async def find(*_):
        return [burning(rate=None, tripped=False, why="no data of raw: it does not answer")]

    monkeypatch.setattr("activities.elsewhere_ready.find_burning", find)
    request = request_for({"query": "x", "prometheus": "http://127.0.0.1:1"})
    request = request.model_copy(update={"environment": environment})
    if refuses:
        with pytest.raises(RefusedError, match="burns is not known: no data of raw"):
            await budget_does_not_burn(request)
    else:
        assert "answered not known (no data of raw" in await budget_does_not_burn(request)
