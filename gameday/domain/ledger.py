"""One dated line of the ledger: what a system's components stood at, and who answered."""

from datetime import datetime

from gameday.domain.component import ComponentName, Version
from gameday.domain.names import Name
from gameday.domain.value import Value


class Entry(Value):
    """What was read at one moment.

    by: who wrote it, such as `watch`. unread: why a component could not be read. answered_by: the
    answers by the model, fingerprint and version that they named.
    """

    target: Name
    environment: Name
    at: datetime
    by: str
    components: dict[ComponentName, Version] = {}
    unread: dict[ComponentName, str] = {}
    answered_by: dict[str, int] = {}


def differences(before: Entry, now: Entry) -> tuple[str, ...]:
    """The components that both know and that differ; and whether somebody new answered."""
    differing: list[str] = [
        name
        for name, one in before.components.items()
        if name in now.components and now.components[name].digest != one.digest
    ]
    if before.answered_by and not now.answered_by.keys() <= before.answered_by.keys():
        differing.append("model's name or fingerprint")
    return tuple(differing)
