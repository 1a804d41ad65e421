"""The questions of a runbook, one file each. A kind is its file name."""
