"""What one load generator is told: what to send, to whom, and for how long at the most."""

from typing import Annotated

from pydantic import Field

from gameday.domain.drill import Load
from gameday.domain.evidence import Evidence
from gameday.domain.front_door import FrontDoor
from gameday.domain.price import Price
from gameday.domain.sketch import PIECES_MAX
from gameday.domain.suite import ScorerSpec
from gameday.domain.synthetic import Synthetic
from gameday.domain.value import Value


class LoadSpec(Value):
    """One load. Its secrets are in no file: they come by environment.

    url: the front door's base, e.g. `http://127.0.0.1:8480/v1`.
    run_id: whose mark the requests carry; without one nothing is marked.
    seals: what is scored of every good answer beside the suite, by the name of who asked for it.
    control_users: the users as whom the control group asks, where the load has users.
    cases: the cases of the suite that are asked; all where none is named.
    evidence: what is kept of answers, and what is taken out of it.
    sketch_pieces: of how many word pieces of every scored answer a sketch is kept; 0 for none.
    """

    url: str
    run_id: str = ""
    front_door: FrontDoor = FrontDoor()
    synthetic: Synthetic = Synthetic()  # carried by every request
    load: Load
    control_users: tuple[str, ...] = ()
    suite_file: str
    cases: tuple[str, ...] = ()
    prices: dict[str, Price] = {}
    seals: dict[str, ScorerSpec] = {}
    evidence: Evidence = Evidence()
    sketch_pieces: Annotated[int, Field(ge=0, le=PIECES_MAX)] = 0
    requests_max: int
    seed: int = 0
    run_folder: str
    generator: int = 0  # which of the load's processes this is for
    told_to_begin: bool = False  # says that it is ready, and waits for the moment to begin
