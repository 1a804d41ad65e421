"""Receives alerts by webhook, keeps each on disk before it says yes, and has drills started."""
