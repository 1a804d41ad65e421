"""For all tests: a property is no stopwatch, and a busy machine is no failure."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "gameday", deadline=None, suppress_health_check=[HealthCheck.too_slow], parent=settings.default
)
settings.load_profile("gameday")
