"""The step `feature_off`: the system stops to answer by itself, and says so or asks a person."""

from typing import Annotated, ClassVar

from pydantic import Field

from gameday.domain.component import Setting
from gameday.steps._set import SetStep


class FeatureOff(SetStep):
    """Switch a feature to its safe state: a set answer, or a queue that people answer.

    to: the safe state, as the component's backend knows it.

    Source: kill switches of feature flags; safe states of safety engineering: what is off must
    still say something that is true.
    """

    components: ClassVar[frozenset[str]] = frozenset({"feature"})

    to: Annotated[Setting, Field(examples=["queue"])] = "off"
