"""Reads the header in which a front door says which providers it tried.

`primary;outcome=refused;ms=3, secondary;outcome=ok;ms=210`, in the order of the tries.
"""

from gameday.domain.sample import Attempt, Outcome


def parse_attempts(header: str | None) -> tuple[Attempt, ...]:
    """The attempts, in order; an entry that cannot be read is left out, never guessed."""
    if not header:
        return ()
    entries = header.split(",")
    return tuple(attempt for entry in entries if (attempt := _parse_entry(entry)) is not None)


def _parse_entry(entry: str) -> Attempt | None:
    name, *parameters = (part.strip() for part in entry.split(";"))
    pairs = dict(part.partition("=")[::2] for part in parameters)
    try:
        outcome = Outcome(pairs.get("outcome", "").strip())
        elapsed_ms = float(pairs.get("ms", "").strip())
    except ValueError:
        return None
    if not name or not 0 <= elapsed_ms < float("inf"):
        return None
    return Attempt(provider=name, outcome=outcome, elapsed_ms=elapsed_ms)
