"""The base of every value: frozen, and closed to keys that it does not know."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value. An unknown key is an error: a misspelt bound must not vanish."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
