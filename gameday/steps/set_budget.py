"""The step `set_budget`: the system may spend no more than so much."""

from typing import Annotated, ClassVar

from pydantic import Field, StrictFloat, StrictInt

from gameday.steps._set import SetStep


class SetBudget(SetStep):
    """Bound what may be spent, by the gateway's or the provider's own limit.

    to: the amount in the component's own unit, which its backend knows: dollars a day, tokens a
    minute, requests an hour.

    Source: budgets of gateways (LiteLLM, Portkey) and usage limits of providers: a loop that
    spends is stopped by a limit long before it is found.
    """

    components: ClassVar[frozenset[str]] = frozenset({"budget"})

    to: Annotated[StrictInt | StrictFloat, Field(ge=0, examples=[25])]
