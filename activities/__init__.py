"""Side effects only: one file per phase, and `hold`. Thin: find by name, call, record."""
