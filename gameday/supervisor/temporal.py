"""The Temporal server that `up`, `demo` and `--lab` start, and the one way to make a client."""

import os
from pathlib import Path

from temporalio.client import Client
from temporalio.envconfig import ClientConfigProfile

from gameday.domain.errors import StartError
from gameday.supervisor.child import Child
from gameday.supervisor.hiding import DATA_CONVERTER
from gameday.supervisor.ports import LOOPBACK, answers
from gameday.supervisor.programs import temporal_server

DESTINATION_VARIABLES = ("TEMPORAL_ADDRESS", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE")


def temporal_child(state: Path, *, port: int, ui_port: int) -> Child:
    """The real server with a SQLite file. WAL makes it three times quicker, and kill-safe."""
    argv = [
        temporal_server(), "server", "start-dev",
        "--ip", LOOPBACK, "--port", str(port), "--ui-port", str(ui_port),
        "--db-filename", str(state / "temporal.db"),
        "--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=normal",
        # By default every timer under a second fires after a second.
        "--dynamic-config-value", 'history.timerProcessorMaxTimeShift="100ms"',
        # One machine needs no partitions: each would cost a task a hop to where its worker asks.
        "--dynamic-config-value", "matching.numTaskqueueReadPartitions=1",
        "--dynamic-config-value", "matching.numTaskqueueWritePartitions=1",
        "--log-level", "error",
    ]  # fmt: skip
    return Child("temporal", argv, log=state / "logs" / "temporal.log")


async def connect(address: str | None = None) -> Client:
    """A client for `address`, else for the profile that the environment names.

    Raises StartError when the profile does not load or nothing answers: never a silent fall back.
    """
    try:
        config = {} if address else ClientConfigProfile.load().to_client_connect_config()
    except Exception as error:  # envconfig raises several unrelated types for a bad profile
        raise StartError(
            f"the Temporal profile could not be loaded: {error}",
            next_step="check TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE and the TOML file it names",
        ) from error
    if address:
        config["target_host"] = address
    destination = config.get("target_host")
    if not destination:
        raise StartError(
            "no Temporal server is named",
            next_step="add --lab, run `gameday up`, or set TEMPORAL_ADDRESS or TEMPORAL_PROFILE",
        )
    try:
        return await Client.connect(**config, data_converter=DATA_CONVERTER)
    except RuntimeError as error:
        raise StartError(
            f"Temporal at {destination} does not answer",
            next_step="run `gameday up`, or set TEMPORAL_ADDRESS to where it runs",
        ) from error


def names_destination() -> bool:
    """Whether the environment says which Temporal to use."""
    return any(os.environ.get(name) for name in DESTINATION_VARIABLES)


def temporal_answers(port: int) -> bool:
    return answers(port)
