"""The ratios that are asked for, the bounds that they must keep, and whether they do.

A figure that could not be measured, because a peer is missing, meets nothing: its goal is
`unknown`, never `yes`.
"""

from dataclasses import dataclass
from typing import Any

from bench.gate.bench import Figures

Path = tuple[str, ...]


@dataclass(frozen=True)
class Ratio:
    """One figure of the gate over the same figure of somebody else."""

    name: str
    above: Path
    below: Path


@dataclass(frozen=True)
class Goal:
    """What one number must be at most, or exactly."""

    name: str
    at_most: float | None = None
    exactly: float | None = None
    figure: Path = ()  # where it stands; without one it is the ratio of that name

    def met(self, value: float | None) -> str:
        if value is None:
            return "unknown"
        if self.exactly is not None:
            return "yes" if value == self.exactly else "no"
        assert self.at_most is not None
        return "yes" if value <= self.at_most else "no"

    @property
    def bound(self) -> str:
        return f"= {self.exactly:g}" if self.exactly is not None else f"<= {self.at_most:g}"


_PEERS = ("nginx", "envoy", "mitmdump")
_ADDED, _CPU = "added_p50_us", "cpu_us_per_request"

RATIOS = (
    *(
        Ratio(
            f"added_p50_vs_{peer}", ("pass_through", "gate", _ADDED), ("pass_through", peer, _ADDED)
        )
        for peer in _PEERS
    ),
    *(Ratio(f"cpu_vs_{peer}", ("load", "gate", _CPU), ("load", peer, _CPU)) for peer in _PEERS),
    Ratio("idle_rules_cost", ("load", "gate", _CPU), ("load", "gate_without_rules", _CPU)),
    *(
        Ratio(
            f"ttfb_vs_{peer}",
            ("streams", "gate", "added_ttfb_p50_us"),
            ("streams", peer, "added_ttfb_p50_us"),
        )
        for peer in _PEERS
    ),
    *(
        Ratio(
            f"cpu_per_event_vs_{peer}",
            ("streams", "gate", "cpu_us_per_event"),
            ("streams", peer, "cpu_us_per_event"),
        )
        for peer in _PEERS
    ),
    Ratio(
        "clear_to_clean_vs_envoy",
        ("clearing", "gate", "clear_to_clean_p50_ms"),
        ("clearing", "envoy", "clear_to_clean_p50_ms"),
    ),
    Ratio(
        "held_released_vs_envoy",
        ("clearing", "gate", "last_held_released_ms"),
        ("clearing", "envoy", "last_held_released_ms"),
    ),
)


def goals(open_streams: int) -> tuple[Goal, ...]:
    """open_streams: how many this run has tried to hold open."""
    return (
        Goal("added_p50_vs_nginx", at_most=1.2),
        Goal("added_p50_vs_envoy", at_most=0.65),
        Goal("added_p50_vs_mitmdump", at_most=0.12),
        Goal("cpu_vs_nginx", at_most=2.0),
        Goal("cpu_vs_envoy", at_most=0.5),
        Goal("cpu_vs_mitmdump", at_most=0.02),
        Goal("idle_rules_cost", at_most=1.10),
        Goal("ttfb_vs_nginx", at_most=1.2),
        Goal("ttfb_vs_envoy", at_most=0.7),
        Goal("chunks_merged", exactly=0, figure=("streams", "gate", "chunks_merged")),
        Goal("chunks_held", exactly=0, figure=("streams", "gate", "chunks_held")),
        Goal("clear_to_clean_p50_ms", 1.0, figure=("clearing", "gate", "clear_to_clean_p50_ms")),
        Goal("clear_to_clean_max_ms", 10.0, figure=("clearing", "gate", "clear_to_clean_max_ms")),
        Goal("last_held_released_ms", 20.0, figure=("clearing", "gate", "last_held_released_ms")),
        Goal("delay_error_p50_ms", 1.0, figure=("injecting", "delay", "error_p50_ms")),
        Goal("delay_error_p99_ms", 5.0, figure=("injecting", "delay", "error_p99_ms")),
        Goal("share_hits_of_1000", exactly=100, figure=("injecting", "share", "hits_by_client")),
        Goal("lease_late_max_ms", 50.0, figure=("leases", "late_max_ms")),
        Goal("open_streams", exactly=open_streams, figure=("open_streams", "open_at_once")),
        Goal("open_stream_errors", exactly=0, figure=("open_streams", "errors")),
        Goal(
            "resident_kb_per_stream",
            at_most=20.0,
            figure=("open_streams", "resident_kb_per_stream"),
        ),
    )


def ratios(figures: Figures) -> dict[str, float | None]:
    """None where either side was not measured, or the lower one is no positive number."""
    found: dict[str, float | None] = {}
    for ratio in RATIOS:
        above, below = look_up(figures, ratio.above), look_up(figures, ratio.below)
        if above is None or below is None or below <= 0:
            found[ratio.name] = None
        else:
            found[ratio.name] = round(above / below, 4)
    return found


def judged(
    figures: Figures, found: dict[str, float | None], wanted: tuple[Goal, ...]
) -> dict[str, dict[str, Any]]:
    judgement: dict[str, dict[str, Any]] = {}
    for goal in wanted:
        value = look_up(figures, goal.figure) if goal.figure else found[goal.name]
        judgement[goal.name] = {"value": value, "bound": goal.bound, "met": goal.met(value)}
    return judgement


def look_up(figures: Figures, path: Path) -> float | None:
    """The number at the end of the path; None when there is none."""
    value: Any = figures
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value if isinstance(value, int | float) else None
