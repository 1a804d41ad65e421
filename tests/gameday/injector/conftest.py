"""Real programs for the tests of this folder."""

from tests.gameday.injector.rig import injector, primary, toxiproxy

__all__ = ["injector", "primary", "toxiproxy"]
