"""The generator under test, as a drill starts it: a process of its own that writes samples."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bench.load.clients import url
from bench.load.running import Command
from bench.numbers import at
from bench.wire import PATH, QUESTION
from gameday.domain.drill import Load
from gameday.domain.front_door import FrontDoor
from gameday.domain.price import Price
from gameday.domain.quantities import plain
from gameday.domain.samples import Samples
from gameday.probes.load_spec import LoadSpec
from gameday.store.run_folder import RunFolder

_CASES = 20


@dataclass(frozen=True)
class Report:
    """What it has recorded of one load."""

    scheduled: int
    samples: Samples

    @property
    def answered(self) -> Samples:
        return self.samples.good

    @property
    def latencies_ms(self) -> Sequence[float]:
        return self.answered.numbers("latency_ms")

    @property
    def by_place(self) -> Mapping[int, float]:
        """The latency of each answered request, by its place in the schedule."""
        return dict(zip(self.answered.numbers("seq"), self.latencies_ms, strict=True))

    @property
    def send_lag_ms_p99(self) -> float:
        return at(self.samples.numbers("send_lag_ms"), 0.99)

    @property
    def whole(self) -> bool:
        """Each scheduled request has one sample, and each was answered."""
        different = len(set(self.answered.numbers("seq")))
        return different == len(self.samples) == self.scheduled


class Gameday:
    name = "gameday"
    keeps_rates = True

    def version(self) -> str:
        return version("ai-gameday")

    def paced(
        self, port: int, rate_per_s: float, lasts_s: float, folder: Path, *, stream: bool = False
    ) -> Command:
        folder.mkdir(parents=True, exist_ok=True)
        suite = folder / "suite.yaml"
        suite.write_text(json.dumps(_suite()))  # which is YAML
        spec = LoadSpec(
            url=url(port).removesuffix(PATH.removeprefix("/v1")),
            front_door=FrontDoor(model="bench-1"),
            suite_file=str(suite),
            # As in a drill: every answer is parsed, scored and priced.
            prices={"bench-1": Price(input_usd_per_mtok=1, output_usd_per_mtok=2)},
            load=Load(rate=f"{plain(rate_per_s)}/s", suite="bench", stream=stream),
            requests_max=round(rate_per_s * lasts_s),
            seed=1,
            run_folder=str(folder),
        )
        file = folder / "load.json"
        file.write_text(spec.model_dump_json())
        return Command(self.name, [sys.executable, "-m", "gameday.probes", str(file)], beats=True)

    def streams(self, port: int, rate_per_s: float, lasts_s: float, folder: Path) -> Command:
        return self.paced(port, rate_per_s, lasts_s, folder, stream=True)

    def report(self, rate_per_s: float, lasts_s: float, folder: Path) -> Report:
        return Report(round(rate_per_s * lasts_s), RunFolder(folder).read_samples())


def _suite() -> dict[str, object]:
    # The answer is the same for all: what is scored is not the question here, that it is scored is.
    scorers = [{"kind": "contains", "all": ["parcel"]}]
    cases = [
        {"case": f"bench-{number}", "question": QUESTION, "scorers": scorers}
        for number in range(_CASES)
    ]
    return {"suite": "bench", "cases": cases}
