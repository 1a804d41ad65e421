"""Benchmarks against peers, run from a source checkout; nothing of Gameday imports them."""
