"""Asks a target its suite, some rounds at a time, and keeps the answers with the run that asks."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from activities.connections import resolve_front_door_secrets
from gameday.catalog.suite_files import load_suite, suite_digest
from gameday.domain.drill import Load
from gameday.domain.errors import RefusedError
from gameday.domain.quantities import plain
from gameday.domain.reference import Reference
from gameday.domain.runbook_request import RunbookRequest
from gameday.domain.samples import Samples
from gameday.domain.sketch import PIECES
from gameday.domain.suite import Suite
from gameday.probes.asking_all import ask_all
from gameday.probes.load_spec import LoadSpec
from gameday.store.references import References
from gameday.store.run_folder import RunFolder


@dataclass(frozen=True)
class FreshAnswers:
    """The answers of one run's own requests."""

    request: RunbookRequest
    references: References

    @property
    def turns(self) -> list[int]:
        """Of each case of the suite, how many requests it takes. Raises FileError."""
        return [len(case.asked) for case in self._suite().cases]

    def recorded(self) -> Reference:
        """How the system answered while all was well. Raises RefusedError where nobody knows."""
        request, suite = self.request, self._suite().suite
        found = self.references.last(request.target.target, request.environment, suite)
        if found is None:
            raise RefusedError(
                f"how {request.target.target}/{request.environment} answers the suite {suite} was "
                "never recorded, so there is nothing to compare with",
                next_step="gameday record",
            )
        if why := found.why_not(suite_digest(Path(request.suite_file)), datetime.now(UTC)):
            raise RefusedError(why, next_step="gameday record")
        return found

    def since(self, floor: datetime) -> Samples:
        """Those that were asked for from then on."""
        return RunFolder(self.request.folder).read_samples().stayed.since("intended_at", floor)

    async def ask(self, requests: int, rate_per_s: float, pieces: int = PIECES) -> Samples:
        """So many, in shuffled rounds of the suite."""
        target = self.request.target
        spec = LoadSpec(
            url=target.environments[self.request.environment].front_door,
            front_door=target.front_door,
            synthetic=target.synthetic,
            evidence=target.evidence,
            load=self.load(rate_per_s),
            suite_file=self.request.suite_file,
            prices=target.prices,
            sketch_pieces=pieces,
            requests_max=requests,
            seed=secrets.randbelow(2**31),
            run_folder="",
        )
        found = resolve_front_door_secrets(target.front_door, target.synthetic)
        samples = await ask_all(spec, found, _say_nothing)
        RunFolder(self.request.folder).append_samples(samples)
        return samples.stayed

    def load(self, rate_per_s: float) -> Load:
        suite = self._suite().suite
        return Load.model_validate({"rate": f"{plain(rate_per_s)}/s", "suite": suite})

    def _suite(self) -> Suite:
        return load_suite(Path(self.request.suite_file))


def _say_nothing(_ended: int) -> None:
    """Whoever waits sees the item that goes on."""
