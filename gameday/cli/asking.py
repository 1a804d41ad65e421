"""The load of commands that ask a suite to compare answers: some requests, and no more."""

import secrets
from dataclasses import dataclass
from pathlib import Path

import typer

from gameday.catalog.files import load_target
from gameday.catalog.suite_files import load_suite
from gameday.cli.planning import choose_environment
from gameday.domain.drill import Load
from gameday.domain.quantities import parse_rate_per_s, plain
from gameday.domain.sketch import PIECES
from gameday.domain.suite import Suite
from gameday.domain.target import Target
from gameday.probes.load_spec import LoadSpec


@dataclass(frozen=True)
class Asked:
    """Which system is asked, and with which suite."""

    file: Path
    target: Target
    environment: str
    suite: Suite
    suite_file: Path
    rate_per_s: float

    @classmethod
    def read(
        cls, file: Path, environment: str | None, suite: Path | None, rate_per_s: float
    ) -> "Asked":
        """suite: a file, instead of the target's. Raises FileError."""
        target = load_target(file)
        chosen = choose_environment(target, environment, file)
        suite_file = (suite or file.parent / target.suite).resolve()
        return cls(file, target, chosen, load_suite(suite_file), suite_file, rate_per_s)

    @property
    def turns(self) -> list[int]:
        """Of each case, how many requests it takes."""
        return [len(case.asked) for case in self.suite.cases]

    def load(self, requests: int, pieces: int = PIECES) -> LoadSpec:
        """So many requests, in rounds of the suite that are shuffled anew each time."""
        rate = f"{plain(self.rate_per_s)}/s"
        return LoadSpec(
            url=self.target.environments[self.environment].front_door,
            front_door=self.target.front_door,
            synthetic=self.target.synthetic,
            evidence=self.target.evidence,
            load=Load.model_validate({"rate": rate, "suite": self.suite.suite}),
            suite_file=str(self.suite_file),
            prices=self.target.prices,
            sketch_pieces=pieces,
            requests_max=requests,
            seed=secrets.randbelow(2**31),
            run_folder="",
        )


def rate_of(text: str) -> float:
    """Requests a second, as `--rate` says it."""
    try:
        return parse_rate_per_s(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--rate") from error
