"""Drills against the lab's known defects; run by `make matrix`."""
