"""What the assistant counts of itself, in Prometheus' text format."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from gameday.domain.sample import Attempt
from lab.assistant.spending import Spending

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_OUTCOMES = ("ok", "cut", "error")
_Labels = tuple[tuple[str, str], ...]


class Meter:
    """Counters since the process began. Those that matter are there from the start, at zero."""

    def __init__(self, providers: Sequence[str]) -> None:
        self.spending = Spending()
        self._requests: Counter[_Labels] = Counter({(("outcome", o),): 0 for o in _OUTCOMES})
        self._answers: Counter[_Labels] = Counter({(("provider", p),): 0 for p in providers})
        self._attempts: Counter[_Labels] = Counter()
        self._costs_usd: dict[_Labels, float] = {(("provider", p),): 0.0 for p in providers}

    def count(
        self,
        outcome: str,
        attempts: Sequence[Attempt],
        served_by: str = "",
        cost_usd: float | None = None,
    ) -> None:
        """One request that came to its end. cost_usd: what its provider says that it bills."""
        self._requests[("outcome", outcome),] += 1
        if served_by:
            self._answers[("provider", served_by),] += 1
            spent_usd = self._costs_usd.get((("provider", served_by),), 0.0)
            self._costs_usd[("provider", served_by),] = spent_usd + (cost_usd or 0.0)
            self.spending.note(cost_usd or 0.0)
        for attempt in attempts:
            labels = (("provider", attempt.provider), ("outcome", str(attempt.outcome)))
            self._attempts[labels] += 1

    def text(self) -> str:
        return "".join(
            line + "\n"
            for name, about, counts in (
                ("assistant_requests_total", "Requests by how they ended.", self._requests),
                ("assistant_answers_total", "Answers by who gave them.", self._answers),
                ("assistant_attempts_total", "Attempts at providers.", self._attempts),
                ("assistant_cost_usd_total", "What providers say they bill.", self._costs_usd),
            )
            for line in _lines(name, about, counts)
        )


def _lines(name: str, about: str, counts: Mapping[_Labels, float]) -> Iterator[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} counter"
    for labels, count in counts.items():
        # All values come from this program's own names, so none needs escaping.
        inside = ",".join(f'{label}="{value}"' for label, value in labels)
        yield f"{name}{{{inside}}} {count}"
