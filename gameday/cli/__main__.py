"""`python -m gameday.cli`: the command, for those who start it beside others."""

from gameday.cli.entry import run_and_leave

run_and_leave()
