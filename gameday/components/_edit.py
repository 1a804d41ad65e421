"""An edit of a corpus: the documents that are put, and those that are deleted."""

from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from gameday.domain.component import shown
from gameday.domain.errors import ComponentError
from gameday.domain.value import Value

DOCUMENTS_MAX = 1000
BYTES_MAX = 8_000_000  # of what is put, and of what must be kept to put it back

DocumentId = Annotated[str, Field(min_length=1, max_length=400)]


class Edit(Value):
    """put: by id, a document's text, or the columns of its row that are set. delete: by id."""

    put: dict[DocumentId, str | dict[str, Any]] = {}
    delete: tuple[DocumentId, ...] = ()

    @model_validator(mode="after")
    def _says_one_thing_of_each(self) -> Self:
        if twice := sorted(self.put.keys() & set(self.delete)):
            raise ValueError(f"{twice[0]} is both put and deleted")
        if not 0 < len(self.ids) <= DOCUMENTS_MAX:
            raise ValueError(
                f"{len(self.ids)} documents are touched; expected 1 to {DOCUMENTS_MAX}"
            )
        return self

    @property
    def ids(self) -> list[str]:
        return [*self.put, *self.delete]


def edit_of(to: Any) -> Edit:
    """The edit that a change is asked for. Raises ComponentError for anything else."""
    try:
        return Edit.model_validate(to)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        raise ComponentError(
            f"{shown(to)} is no edit of documents: {place + ': ' if place else ''}{said}",
            next_step="give it as {put: {ID: TEXT}, delete: [ID]}",
        ) from error


def refuse_too_large(size: int) -> None:
    """Raise ComponentError when so many bytes are too many to be kept for a revert."""
    if size > BYTES_MAX:
        raise ComponentError(
            f"the documents that are touched have {size:,} bytes; at most {BYTES_MAX:,} can be "
            "kept to put them back",
            next_step="edit fewer documents",
        )
