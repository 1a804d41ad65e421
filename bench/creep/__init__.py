"""Slow drifts among noise: how many are found, how soon, and how many alarms are false."""
