"""How long and how often each kind of activity is tried: a drill must not wait for ever.

Restoring alone is tried without end. Judging and reporting change nothing and may be repeated.
What belongs to the drill itself is tried once: a run that lost a part of itself is put back and
closed at once, and run again by whoever wants to know.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from gameday.domain.plan import Plan

ONCE = RetryPolicy(maximum_attempts=1)
TWICE = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=2)
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

BEAT_WITHIN = timedelta(seconds=2)  # else the worker is taken for dead
TAKEN_WITHIN = timedelta(seconds=3)  # else there is no worker, and the run ends
# While nothing is broken, a dead worker may be noticed later; a busy machine's late beat must not
# end a run that has harmed nobody.
CALM_BEAT_WITHIN = timedelta(seconds=10)
CALM_TAKEN_WITHIN = timedelta(seconds=15)
DECIDED_WITHIN = timedelta(seconds=2)  # a workflow's step that a killed worker had begun


def drill_within(plan: Plan) -> timedelta:
    """All of a drill, with the hour that it may wait for an approval and as much again."""
    return timedelta(seconds=plan.seconds_max + 7200)
