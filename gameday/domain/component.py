"""The parts of a system whose change changes its behaviour, as a target file names them."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from gameday.domain.names import Name
from gameday.domain.value import Value

ComponentName = Literal["model", "prompt", "corpus", "tools", "inputs", "gateway", "verifier"]
UserCost = Literal["none", "low", "medium", "high"]


class Component(Value):
    """One component: what keeps it, and what it costs users to put an older one back.

    Further keys are the backend's own settings.
    """

    backend: Annotated[Name, Field(examples=["http"])]
    user_cost: UserCost = "medium"
    settings: dict[str, Any] = {}

    @model_validator(mode="before")
    @classmethod
    def _gather_settings(cls, raw: Any) -> Any:
        if not isinstance(raw, dict) or "settings" in raw:
            return raw
        own = {key: raw[key] for key in raw if key in cls.model_fields}
        return {**own, "settings": {key: raw[key] for key in raw if key not in own}}
