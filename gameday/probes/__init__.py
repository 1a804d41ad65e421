"""Synthetic traffic: asks the front door on a fixed schedule and records what the client saw."""
