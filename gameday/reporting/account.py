"""The account of a run's load: its samples, held against what its generators say they sent."""

from collections.abc import Iterable

from gameday.domain.record import Event
from gameday.domain.result import LoadResult
from gameday.domain.samples import Samples
from gameday.domain.tally import Tally
from gameday.domain.validity import Validity


def make_account(samples: Samples, events: Iterable[Event], validity: Validity) -> LoadResult:
    """Of all generators. events: the probes' own; a generator that was killed has no last one."""
    tally = Tally.of(samples)
    ended = [event.facts for event in events if event.what == "load_ended"]
    tally.not_asked = sum(facts.get("not_asked", 0) for facts in ended)
    said = sum(facts.get("scheduled", 0) for facts in ended)
    return LoadResult(
        generators=1 + max(samples.tally("generator"), default=0),
        **tally.facts(),
        unaccounted=max(0, said - tally.scheduled),
        validity=validity,
    )
