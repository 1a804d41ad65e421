"""Deterministic only: the order of things, and who decides."""
