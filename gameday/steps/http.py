"""The step `http`: a request of the operator's own, which the target file declares."""

from typing import ClassVar

from gameday.steps._action import ActionStep


class Http(ActionStep):
    """Do an action of the target file that is done by HTTP requests.

    A runbook names the action and never an address: what may be asked is the operator's to say.

    Source: the webhook steps of runbook systems; a provider's own interface for rotating its keys.
    """

    way: ClassVar[str] = "http"
