"""The fault `index_lost`: what is searched for documents is empty, though they are all there."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from gameday.domain.component import Setting
from gameday.faults._component import ComponentFault


class IndexLost(ComponentFault):
    """Let an empty index stand where the documents' index is.

    On the wire: nothing. The alias, the view or the tag of the index is led to `to`, an index that
    has no document and that was made before.

    In reports: answers that tell another version, or no longer pass, or are no longer those of the
    baseline by their sketches.

    Source: an index that is rebuilt in place, or whose alias is moved before it is filled: a search
    that finds nothing is no error for anybody, and the model answers from what it remembers.
    """

    components: ClassVar[frozenset[str]] = frozenset({"index"})
    legend: ClassVar[str] = "index lost"
    # A store that warns of an empty index before it is gone to must not keep it from being tried.
    asks_ready: ClassVar[bool] = False

    to: Annotated[Setting, Field(examples=["empty"])] = "empty"

    def change(self) -> Any:
        return self.to
