"""Gameday rehearses the failures of AI systems in production."""
