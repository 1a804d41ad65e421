"""Temporal servers for the workflow tests: the real one, and one that skips time."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from gameday.supervisor.hiding import DATA_CONVERTER
from gameday.supervisor.programs import temporal_server


@pytest.fixture
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    """The real server, in memory."""
    environment = await WorkflowEnvironment.start_local(
        data_converter=DATA_CONVERTER,
        dev_server_existing_path=temporal_server(),
        dev_server_log_level="error",
    )
    async with environment:
        yield environment


@pytest.fixture
async def hurried_temporal() -> AsyncIterator[WorkflowEnvironment]:
    """A server on which an hour's wait is over at once. It knows fewer features."""
    server = Path(sys.executable).parent / "temporal-test-server"
    environment = await WorkflowEnvironment.start_time_skipping(
        data_converter=DATA_CONVERTER, test_server_existing_path=str(server)
    )
    async with environment:
        yield environment
