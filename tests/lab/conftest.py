"""Starts real labs for the tests, and ends them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.practice_lab import RunningLab, StartLab, end, start


@pytest.fixture
def start_lab(tmp_path: Path) -> Iterator[StartLab]:
    """Start labs that end with the test."""
    labs: list[RunningLab] = []

    def start_one(*options: str) -> RunningLab:
        labs.append(start(tmp_path / f"lab{len(labs)}", *options))
        return labs[-1]

    yield start_one
    for lab in labs:
        end(lab)


@pytest.fixture(scope="module")
def shared_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    """One healthy lab for a module's tests, slow enough to be caught in the act."""
    lab = start(tmp_path_factory.mktemp("lab"), "--tokens-per-s", "120")
    yield lab
    end(lab)


@pytest.fixture
def lab(shared_lab: RunningLab) -> Iterator[RunningLab]:
    yield shared_lab
    shared_lab.heal()
