"""The fault `corpus_edit`: documents that answers are made from are changed."""

from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from gameday.domain.component import Setting
from gameday.faults._component import ComponentFault

DocumentId = Annotated[str, Field(min_length=1, max_length=400)]


class Variant(StrEnum):
    """What is wrong with the corpus afterwards."""

    STALE = "stale"  # documents say what was true once
    CONTRADICTORY = "contradictory"  # two documents say different things
    POISONED = "poisoned"  # a document gives the model orders
    DELETED = "deleted"
    RECHUNKED = "rechunked"  # the same documents, cut into other pieces
    REEMBEDDED = "reembedded"  # the same documents, their vectors by another model


_BY_VERSION = frozenset({Variant.RECHUNKED, Variant.REEMBEDDED})


class CorpusEdit(ComponentFault):
    """Edit documents of the corpus.

    On the wire: nothing. The store is changed by its own means: a commit, a version of the table, a
    view over a copy. `put` and `delete` are the edit; another chunking or embedding is a version
    that was prepared beside the one in use, and is given as `to`. Documents that the edit does not
    touch may be changed by others meanwhile, and stay theirs.

    In reports: answers that tell another version, or no longer pass, or are no longer those of the
    baseline by their sketches.

    Source: what a knowledge base meets in its life: a page that nobody updated, two that disagree,
    one that somebody planted (Greshake et al., arXiv 2302.12173), one that is gone, and a new
    chunker or embedding model, whose effect nobody looked at.
    """

    components: ClassVar[frozenset[str]] = frozenset({"corpus"})
    legend: ClassVar[str] = "corpus edited"

    model_config = {
        "json_schema_extra": {
            "examples": [{"variant": "stale", "put": {"refunds.md": "Refunds take 14 days."}}]
        }
    }

    variant: Annotated[Variant, Field(examples=[Variant.STALE])]
    put: Annotated[
        dict[DocumentId, str | dict[str, Any]],
        Field(max_length=1000, examples=[{"refunds.md": "Refunds take 14 days."}]),
    ] = {}
    delete: Annotated[
        tuple[DocumentId, ...], Field(max_length=1000, examples=[("refunds.md",)])
    ] = ()
    to: Annotated[Setting | None, Field(examples=["rechunked"])] = None

    @model_validator(mode="after")
    def _says_what_it_needs(self) -> Self:
        if self.variant in _BY_VERSION:
            if self.to is None or self.put or self.delete:
                raise ValueError(
                    f"{self.variant} needs `to`, a version of the corpus that was prepared so, and "
                    "no put or delete"
                )
        elif self.to is not None or not (self.put or self.delete):
            raise ValueError(f"{self.variant} needs put or delete, the documents, and no `to`")
        elif self.variant is Variant.DELETED and self.put:
            raise ValueError("deleted puts nothing; expected delete alone")
        elif self.variant is not Variant.DELETED and not self.put:
            raise ValueError(f"{self.variant} needs put: the documents as they are to read")
        return self

    def change(self) -> Any:
        if self.to is not None:
            return self.to
        return {"put": self.put, "delete": list(self.delete)}
