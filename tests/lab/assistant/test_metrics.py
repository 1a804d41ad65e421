"""The assistant's counters, in the text that Prometheus reads."""

from gameday.domain.sample import Attempt, Outcome
from lab.assistant.metrics import Meter

REFUSED = Attempt(provider="primary", outcome=Outcome.REFUSED, elapsed_ms=1)
SERVED = Attempt(provider="secondary", outcome=Outcome.OK, elapsed_ms=90)


def test_what_matters_is_there_from_the_start() -> None:
    text = Meter(["primary", "secondary"]).text()
    assert 'assistant_requests_total{outcome="error"} 0\n' in text
    assert 'assistant_answers_total{provider="secondary"} 0\n' in text
    assert text.endswith("\n")


def test_each_request_counts_once_and_each_of_its_attempts() -> None:
    meter = Meter(["primary", "secondary"])
    meter.count("ok", [REFUSED, SERVED], "secondary")
    meter.count("ok", [REFUSED, SERVED], "secondary", 0.25)
    meter.count("error", [REFUSED])
    assert set(meter.text().splitlines()) >= {
        "# TYPE assistant_requests_total counter",
        'assistant_requests_total{outcome="ok"} 2',
        'assistant_requests_total{outcome="error"} 1',
        'assistant_answers_total{provider="secondary"} 2',
        'assistant_answers_total{provider="primary"} 0',
        'assistant_cost_usd_total{provider="secondary"} 0.25',
        'assistant_cost_usd_total{provider="primary"} 0.0',
        'assistant_attempts_total{provider="primary",outcome="refused"} 3',
        'assistant_attempts_total{provider="secondary",outcome="ok"} 2',
    }
