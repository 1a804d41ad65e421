"""The `gameday` command, one file per group of commands: starts and watches, decides nothing."""
