"""Says whether a baseline is one: without it there is no drill."""

from collections.abc import Sequence
from datetime import datetime

from gameday.catalog.kinds import checks
from gameday.domain.check import Seen
from gameday.domain.drill import CheckSpec
from gameday.domain.record import RunRequest, faulted_providers
from gameday.domain.sample import Sample
from gameday.domain.samples import Samples
from gameday.domain.validity import find_validity_between
from gameday.domain.verdict import Held
from gameday.domain.vitals import Vital
from gameday.domain.window import Window
from gameday.reporting.validity import tightest_ms

SERVED_SHARE_MIN = 0.5
CONTROL = " of the control group, which the drill's is compared with,"


def refuse_baseline(
    request: RunRequest,
    samples: Sequence[Sample],
    *,
    started_at: datetime,
    vitals: Sequence[Vital] = (),
) -> str:
    """Why the drill must not go on, in one sentence; '' when the baseline holds.

    It must hold the target's objectives, and be served by the provider under test. A provider
    that is not even tried is let through: the drill then shows whether losing a stand-by is felt.
    """
    stayed = Samples.of(samples).experiment.stayed
    last = stayed.last_by("finished_at")
    if last is None:
        return "the baseline has no sample: nothing was asked, or nothing was recorded"
    window = Window("baseline", started_at, last.finished_at, stayed)
    if bound := _generator_bound(request, window, vitals):
        return bound
    for provider in faulted_providers(request.drill):
        if sentence := _not_serving(window, provider):
            return sentence
    beside = Window("baseline", started_at, last.finished_at, _control_of(samples))
    return _outside_objectives(request, window) or _outside_objectives(request, beside, CONTROL)


def _control_of(samples: Sequence[Sample]) -> Samples:
    every = Samples.of(samples)
    return (every - every.experiment).stayed


def _generator_bound(request: RunRequest, window: Window, vitals: Sequence[Vital]) -> str:
    """Why its figures are the load generator's own; '' when they are the system's."""
    stretch = (window.started_at, window.ended_at)
    found = find_validity_between(
        window.samples,
        vitals,
        stretch,
        tightest_ms(request.target),
        generators=request.drill.load.generators,
    )
    return found.reason and f"the baseline tells nothing: {found.reason}"


def _not_serving(window: Window, provider: str) -> str:
    ways = window.samples.tally("attempts").items()
    tried = sum(count for way, count in ways if any(name == provider for name, _ in way))
    served = window.served_by.get(provider, 0)
    if tried == 0 or served >= SERVED_SHARE_MIN * len(window):
        return ""
    return (
        f"the baseline is not served by {provider}: it was tried in {tried} of {len(window)} "
        f"requests and served {served}; what is broken already cannot be rehearsed"
    )


def _outside_objectives(request: RunRequest, window: Window, whose: str = "") -> str:
    """whose: the words for those who asked, where it is not the drill's own group."""
    providers = faulted_providers(request.drill)
    seen = Seen(
        windows={"baseline": window},
        faults=(),
        faulted_provider=next(iter(providers), ""),
        restore=None,
        target=request.target,
        load=request.drill.load.offered(),
        load_started_at=window.started_at,
        good_in_a_row=1,
        served_log={},
        faulted_providers=providers,
    )
    for name in request.target.slos.names:
        spec = CheckSpec(kind="slo", settings={"name": name, "window": "baseline"})
        finding = checks.make(spec).judge(seen)
        if finding.held is Held.NO:
            return f"the baseline{whose} is outside its objective {name}: {finding.reason}"
    return ""
