"""The fault `prompt_edit`: the prompt is another one."""

from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from gameday.domain.component import Setting
from gameday.faults._component import ComponentFault

DocumentId = Annotated[str, Field(min_length=1, max_length=400)]


class PromptEdit(ComponentFault):
    """Set the prompt to another one.

    On the wire: nothing. The prompt's store is changed by its own means. `to` is what its backend
    sets: a label's version, or a text; where prompts are documents of a folder, `put` has them.

    In reports: answers that tell another version, or no longer pass, or are no longer those of the
    baseline by their sketches.

    Source: a prompt that is edited in a prompt store goes live without a deploy, and for everybody
    at once or cache by cache (Langfuse's and MLflow's labels).
    """

    components: ClassVar[frozenset[str]] = frozenset({"prompt"})
    legend: ClassVar[str] = "prompt edited"

    model_config = {"json_schema_extra": {"examples": [{"to": "support-v4"}]}}

    to: Annotated[Setting | None, Field(examples=["support-v4"])] = None
    put: Annotated[
        dict[DocumentId, str], Field(max_length=100, examples=[{"support.txt": "Be brief."}])
    ] = {}

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.to is None) == (not self.put):
            raise ValueError("expected one of to (a version, or a text) and put (whole documents)")
        return self

    def change(self) -> Any:
        return {"put": self.put, "delete": []} if self.to is None else self.to
