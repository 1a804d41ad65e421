"""Kills real processes, one by one, and looks at what is left."""
