"""One stack for all kill tests, mended after each of them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gameday.supervisor.stack import Stack
from tests.kill.rig import MEASURED, Rig, a_stack, rig_of


@pytest.fixture(scope="session")
def stack_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kill")


@pytest.fixture(scope="session")
def stack(stack_folder: Path) -> Iterator[Stack]:
    with a_stack(stack_folder) as running:
        yield running


@pytest.fixture
async def rig(stack: Stack, stack_folder: Path) -> AsyncIterator[Rig]:
    made = await rig_of(stack, stack_folder)
    await made.revive()
    yield made
    await made.mend()
    made.http.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if MEASURED:
        terminalreporter.section("measured")
        for what, seconds in MEASURED:
            terminalreporter.write_line(f"{seconds:6.2f} s  {what}")
        MEASURED.clear()  # several folders' conftests have this hook; each figure is said once
