"""What watches a target, and what it said while a drill went on: whether the pager rang.

An alert goes a way of three stages: it fires in Prometheus, Alertmanager lets it pass, and a
notification reaches whoever is told. It can get stuck at each of them.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gameday.domain.names import Url
from gameday.domain.quantities import Seconds
from gameday.domain.value import Value

AlertName = Annotated[
    str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_:. -]{0,120}$", examples=["AssistantErrors"])
]


class Alerts(Value):
    """A target's `alerts:`: where to look whether the pager rings, and what may ring."""

    prometheus: Url
    alertmanager: Url | None = None
    sink: Url | None = None  # of a `gameday sink` that Alertmanager notifies
    expects: tuple[AlertName, ...] = ()  # what any drill may set off
    ignores: tuple[AlertName, ...] = ()  # what fires at all times, such as a watchdog
    labels: dict[str, str] = {}  # only alerts with all of these are about this target
    cleared_within: Seconds = 300.0  # after the restore; what rings on is an incident
    scrape_interval: Seconds = 15.0

    def concerns(self, labels: Mapping[str, str]) -> bool:
        """Whether an alert with these labels is about this target."""
        named = labels.get("alertname", "") not in self.ignores
        return named and all(labels.get(name) == value for name, value in self.labels.items())


class Stage(StrEnum):
    """Where an alert is on its way."""

    PROMETHEUS = "prometheus"
    ALERTMANAGER = "alertmanager"
    SINK = "sink"


class AlertState(StrEnum):
    """What a stage says of one alert. `READ` and `UNREAD` are about the stage itself."""

    PENDING = "pending"
    FIRING = "firing"
    SUPPRESSED = "suppressed"  # silenced or inhibited
    GONE = "gone"
    RULE = "rule"  # how Prometheus has its rule loaded
    READ = "read"
    UNREAD = "unread"


class Sighting(Value):
    """One change at one stage, and when it was seen."""

    at: datetime
    stage: Stage
    state: AlertState
    alert: str = ""  # '' for the stage itself
    receivers: tuple[str, ...] = ()
    detail: str = ""


def first(
    sightings: Iterable[Sighting], stage: Stage, alert: str, state: AlertState, since: datetime
) -> Sighting | None:
    """The first sighting of `alert` in `state` at `stage`, from `since` on."""
    for seen in sightings:
        if (seen.stage, seen.alert, seen.state) == (stage, alert, state) and seen.at >= since:
            return seen
    return None


def firing_at(sightings: Iterable[Sighting], alert: str, moment: datetime) -> bool:
    """Whether Prometheus had `alert` firing at `moment`."""
    latest = AlertState.GONE
    for seen in sightings:
        if (seen.stage, seen.alert) == (Stage.PROMETHEUS, alert) and seen.at <= moment:
            latest = seen.state
    return latest is AlertState.FIRING


def unread(sightings: Iterable[Sighting], stage: Stage, start: datetime, end: datetime) -> str:
    """Why nobody can say what `stage` did from `start` to `end`; '' when somebody can."""
    about = [seen for seen in sightings if seen.stage is stage and not seen.alert]
    before = [seen for seen in about if seen.at <= start]
    if not before or not any(seen.at >= end for seen in about):
        return f"{stage} was not watched all of that time"
    inside = [before[-1], *(seen for seen in about if start < seen.at <= end)]
    lost = next((seen for seen in inside if seen.state is AlertState.UNREAD), None)
    return f"{stage} could not be read at {lost.at:%H:%M:%S}: {lost.detail}" if lost else ""


class NotifiedAlert(Value):
    """One alert in a notification."""

    alert: str
    firing: bool  # else it is resolved
    labels: dict[str, str]


class Notification(Value):
    """One notification that reached a sink."""

    at: datetime
    receiver: str  # the name that Alertmanager has for it
    alerts: tuple[NotifiedAlert, ...]


class AlertWatch(Value):
    """What to watch the alerts for during one window."""

    alerts: Alerts
    expects: dict[str, float] = {}  # the alerts that may ring, and seconds after the restore
    restored_at: datetime | None = None
