"""The step `revert_prompt`: the prompt is what it was before."""

from typing import ClassVar

from gameday.steps._revert import RevertStep


class RevertPrompt(RevertStep):
    """Put the prompt back to what it was, or to a version that is known to be good.

    Whoever keeps a prompt in a cache goes on with the other one until its time is over: the
    answers tell when the rollback is there, not the store.

    Source: labels of prompt stores (Langfuse, MLflow) and prompts kept in git; Langfuse's SDKs
    keep a prompt for 60 s and then answer once more with the old one.
    """

    components: ClassVar[frozenset[str]] = frozenset({"prompt"})
