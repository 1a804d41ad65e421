"""Tests that open a report in a real browser."""
