"""The Temporal task queues, each for work that must not wait behind another kind."""

QUEUE_DRILL = "gameday-drill"  # workflows, and the activities that look and break
QUEUE_HOLD = "gameday-hold"  # lease renewal only: a process of its own
QUEUE_CLOSE = "gameday-close"  # putting back, judging, reporting: served by both processes


def own_queue(identity: str) -> str:
    """The queue of one worker alone, for work that belongs to what it has started."""
    return f"gameday-observe-{identity}"


def watch_queue(place: str) -> str:
    """The queue of the workers that have the state folder at hand which keeps a watch."""
    return f"gameday-watch-{place}"


def day_queue(place: str) -> str:
    """The queue of the workers that have the state folder at hand which keeps the schedules."""
    return f"gameday-day-{place}"
