"""Real programs for the tests of this folder."""

from tests.gameday.injector.rig import primary, toxiproxy

__all__ = ["primary", "toxiproxy"]
