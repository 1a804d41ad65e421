"""Repetitions and random kills; run by `make soak`."""
