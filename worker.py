"""Composition root of a worker."""
