"""The fault `model_retired`: the model that is asked for is there no more."""

from typing import ClassVar

from gameday.domain.layer import Layer
from gameday.domain.wire import Answer, Condition, Hit
from gameday.faults._gate import GateFault


class ModelRetired(GateFault):
    """Answer 404: the model that was asked for is there no more.

    On the wire: 404 with OpenAI's code model_not_found, Anthropic's type not_found_error with
    the model as message, or Azure's code DeploymentNotFound. `models` limits it to some.

    In reports: attempts with the outcome http_error at that provider. A retry cannot help.

    Source: home-assistant/core#163831 and PolicyEngine #3800 (Anthropic: aliases retire too);
    BerriAI/litellm#11116 (Azure: a deployment whose model version was retired answers 404).
    """

    legend: ClassVar[str] = "model retired"
    layer: ClassVar[Layer | None] = "model"
    reads_request: ClassVar[bool] = True  # the message names the model

    def conditions(self) -> tuple[Condition, ...]:
        return (Condition.MODEL_RETIRED,)

    def instead(self, hit: Hit) -> Answer:
        return hit.dialect.failure(Condition.MODEL_RETIRED, hit.request)
