"""Whether an error budget burns now, by the usual alerts that page; unknown is not calm."""

import pytest

from gameday.domain.slo import Slos
from gameday.sources.burning import find_burning, watched_slos
from tests.gameday.reporting.runs import make_target
from tests.gameday.sources.served import serving

DAY_S = 86_400


def target_with(**slos):
    return make_target().model_copy(update={"slos": Slos.model_validate(slos)})


def ratio(url, at_least=0.99):
    good, bad = ({"query": f"{part}[{{{{.window}}}}]", "prometheus": url} for part in ("ok", "all"))
    return {"at_least": at_least, "ratio": {"good": good, "total": bad}}


def prometheus(shares):
    """Answers by the window's length in seconds: so much of 1,000 events was good."""

    def answer(query):
        part, length = query.split("[")[0], int(query.split("[")[1].removesuffix("s]"))
        share = shares.get(length)
        if share is None:
            return []
        return [{"metric": {}, "value": [1, str(1000 * (share if part == "ok" else 1))]}]

    return answer


async def burning(shares, at_least=0.99):
    answer = prometheus(shares)
    with serving() as served:

        class Told(dict):
            def get(self, path, default=None):
                query = served.asked[-1][1]["query"]
                vector = {"resultType": "vector", "result": answer(query)}
                return {"status": "success", "data": vector}

        served.answers = Told()
        found = await find_burning(
            target_with(answered=ratio(served.url, at_least)), lambda _: None
        )
    return found[0]


CALM = {300: 1.0, 1800: 1.0, 3600: 1.0, 21_600: 1.0}


async def test_calm_is_calm():
    found = await burning(CALM)
    assert found.known
    assert found.tripped is None
    assert found.rates == {300: 0.0, 1800: 0.0, 3600: 0.0, 21_600: 0.0}


@pytest.mark.parametrize(
    ("shares", "factor"),
    [
        ({300: 0.85, 3600: 0.85}, 14.4),  # 15 times too fast in both
        ({300: 0.85, 3600: 0.86}, None),  # 15 and 14 times: the hour is not bad enough
        ({300: 1.0, 3600: 0.80}, None),  # it was bad, and is well again
        ({1800: 0.93, 21_600: 0.93}, 6.0),
        ({1800: 0.93, 21_600: 0.95}, None),
    ],
)
async def test_it_burns_where_both_windows_of_an_alert_say_so(shares, factor):
    found = await burning({**CALM, **shares})
    assert (found.tripped.factor if found.tripped else None) == factor


async def test_a_window_of_which_nothing_is_known_trips_nothing():
    found = await burning({300: 0.5, 1800: 0.5})
    assert found.known
    assert found.tripped is None
    assert found.rates[3600] is None
    assert "the answer is empty" in found.why


async def test_where_nothing_is_known_it_says_why():
    found = await burning({})
    assert not found.known
    assert found.why


async def test_a_prometheus_that_does_not_answer_is_why_nothing_is_known():
    target = target_with(answered=ratio("http://127.0.0.1:1"))
    (found,) = await find_burning(target, lambda _: None)
    assert not found.known
    assert "does not answer" in found.why


async def test_objectives_that_prometheus_does_not_measure_ask_nobody():
    own = {"availability": {"at_least": 0.99}}
    document = {"at_least": 0.9, "raw_ratio": {"raw": {"url": "http://h/x", "path": "a"}}}
    target = target_with(**own, queue=document)
    assert watched_slos(target) == []
    assert await find_burning(target, lambda _: None) == []
