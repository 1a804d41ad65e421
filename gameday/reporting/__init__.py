"""Judges a stored run and renders what people and machines read."""
