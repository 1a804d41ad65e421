"""The step `shift_traffic`: requests go to another provider, region or deployment."""

from typing import ClassVar

from gameday.steps._set import SetStep


class ShiftTraffic(SetStep):
    """Send the traffic another way, by the gateway's or the router's own switch.

    to: the route, as the component has it: a provider, a region, a weight, a deployment.

    Source: the manual failover of gateways and of DNS; whoever takes over must have room for it,
    which the check `headroom` tells in a drill.
    """

    components: ClassVar[frozenset[str]] = frozenset({"route", "gateway"})
