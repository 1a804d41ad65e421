"""Reads what other systems measured and said: Prometheus, Alertmanager, JSON over HTTP."""
