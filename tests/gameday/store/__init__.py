"""Tests of the run folder, its samples and its journal."""
