"""Tests of what other tools read of a run."""
