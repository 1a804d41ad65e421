"""The ratios that the gate is asked for, and the bounds that its figures must keep."""

from bench.goals import Goal, Ratio

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
        Goal(
            "clear_to_clean_p50_ms",
            at_most=1.0,
            figure=("clearing", "gate", "clear_to_clean_p50_ms"),
        ),
        Goal(
            "clear_to_clean_max_ms",
            at_most=10.0,
            figure=("clearing", "gate", "clear_to_clean_max_ms"),
        ),
        Goal(
            "last_held_released_ms",
            at_most=20.0,
            figure=("clearing", "gate", "last_held_released_ms"),
        ),
        Goal("delay_error_p50_ms", at_most=1.0, figure=("injecting", "delay", "error_p50_ms")),
        Goal("delay_error_p99_ms", at_most=5.0, figure=("injecting", "delay", "error_p99_ms")),
        Goal("share_hits_of_1000", exactly=100, figure=("injecting", "share", "hits_by_client")),
        Goal("lease_late_max_ms", at_most=50.0, figure=("leases", "late_max_ms")),
        Goal("open_streams", exactly=open_streams, figure=("open_streams", "open_at_once")),
        Goal("open_stream_errors", exactly=0, figure=("open_streams", "errors")),
        Goal(
            "resident_kb_per_stream",
            at_most=20.0,
            figure=("open_streams", "resident_kb_per_stream"),
        ),
    )


def _clearing(name: str, *, at_most_ms: float) -> Goal:
    return Goal(name, at_most=at_most_ms, figure=("clearing", "gate", name))
