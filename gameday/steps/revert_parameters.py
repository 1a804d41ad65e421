"""The step `revert_parameters`: the model is asked with what it was asked with before."""

from typing import ClassVar

from gameday.steps._revert import RevertStep


class RevertParameters(RevertStep):
    """Put the parameters back to what they were, or to values known to be good.

    Source: routers and gateways that keep a temperature, a limit of tokens or an input's length
    beside the model's name, where they are changed without a deploy.
    """

    components: ClassVar[frozenset[str]] = frozenset({"parameters"})
