"""Finds faults, checks and scorers by file name and entry point, and reads authored files."""
