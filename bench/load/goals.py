"""What the load generator is compared by, and the bounds that it must keep."""

from bench.goals import Figures, Goal, Path, Ratio, look_up
from bench.goals import ratios as quotients

_RATE, _CLOSED = "requests_per_s", "closed_per_s"
_CPU, _EVENT = "cpu_us_per_request", "cpu_us_per_event"

RATIOS = (
    *(
        Ratio(f"rps_vs_{peer}", ("rates", "gameday", _RATE), ("rates", peer, _RATE))
        for peer in ("wrk", "locust", "aiohttp", "hey")
    ),
    *(
        # What a client without any schedule can do at the most, where it is not that already.
        Ratio(f"rps_vs_closed_{peer}", ("rates", "gameday", _RATE), ("rates", peer, _CLOSED))
        for peer in ("locust", "aiohttp")
    ),
    Ratio("cpu_vs_aiohttp", ("rates", "gameday", _CPU), ("rates", "aiohttp", _CPU)),
    Ratio("sse_cpu_vs_aiohttp", ("streams", "gameday", _EVENT), ("streams", "aiohttp", _EVENT)),
)
# Errors are ratios too, of a report and of the truth; each is its figure.
ERRORS: dict[str, Path] = {
    "freeze_p50_error_ms": ("freeze", "gameday", "p50_error_ms"),
    "freeze_p95_error": ("freeze", "gameday", "p95_error"),
    "freeze_p99_error": ("freeze", "gameday", "p99_error"),
    "freeze_accounted": ("freeze", "gameday", "accounted"),
    "send_lag_p99_ms_at_1000": ("lateness", "gameday", "send_lag_p99_ms"),
}
GOALS = (
    Goal("freeze_p50_error_ms", at_most=2.0),
    Goal("freeze_p95_error", at_most=0.05),
    Goal("freeze_p99_error", at_most=0.01),
    Goal("freeze_accounted", exactly=1),
    Goal("rps_vs_wrk", at_least=0.3),
    Goal("rps_vs_locust", at_least=6.0),
    Goal("rps_vs_aiohttp", at_least=3.5),
    Goal("sse_cpu_vs_aiohttp", at_most=0.6),
    Goal("send_lag_p99_ms_at_1000", at_most=2.0),
)


def ratios(figures: Figures) -> dict[str, float | None]:
    """All of both kinds by name; None for what was not measured."""
    return quotients(figures, RATIOS) | {name: look_up(figures, at) for name, at in ERRORS.items()}
