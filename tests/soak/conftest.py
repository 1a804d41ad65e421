"""The kill tests' stack, for long repetitions."""

from tests.kill.conftest import pytest_terminal_summary, rig, stack, stack_folder

__all__ = ["pytest_terminal_summary", "rig", "stack", "stack_folder"]
