"""How often each kind of activity is tried: explicit, for a drill must not wait for ever.

Restoring alone is tried without end. Looking and judging change nothing and may be repeated;
what was lost of an observation cannot be had again, so it is tried once.
"""

from datetime import timedelta

from temporalio.common import RetryPolicy

ONCE = RetryPolicy(maximum_attempts=1)
LOOKING = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_attempts=3)
RESTORING = RetryPolicy(
    initial_interval=timedelta(milliseconds=100),
    backoff_coefficient=1.5,
    maximum_interval=timedelta(seconds=2),
)
FINISHING = RetryPolicy(
    initial_interval=timedelta(milliseconds=200),
    maximum_interval=timedelta(seconds=5),
    maximum_attempts=20,
)
