"""The document as a person reads it: plain tables on a terminal, and a section of results."""

from typing import Any

from bench import tables

_COLUMNS = (
    "sent", "not_confirmed", "lost", "answered_ms_p50", "answered_ms_p99", "answered_ms_max",
    "cpu_ms_per_delivery", "resident_mb",
)  # fmt: skip
_STARTED = (
    "runs", "started_ms_p50", "started_ms_max", "runs_per_s", "temporal_alone_per_s",
)  # fmt: skip
_MARKDOWN = """\
# Webhook deliveries into the inbox of `gameday serve`

Run it again with

```
make setup
.venv/bin/gameday bench serve                      # a table; --json for the whole document
.venv/bin/python -m bench.serve --write-results    # writes this section
```

{machine}

## Goals

{goals}

## How it is measured

- {rate} deliveries a second for {seconds} s, each of about 1 kB with one alert of its own, signed
  as Grafana does, to a real `gameday serve` on one core. They are sent when they are due, whatever
  is answered before; an answer's time counts from then, and the sender's own work on the other
  core is in it. Both run at niceness {nice} if this user may give it: below 0, the machine's other
  work waits for them.
- A delivery is lost when it was answered 202 and is not in the inbox, which another process reads
  after the receiver has ended. What a kill leaves is not measured here but tested.
- No entry matches these alerts: the dispatcher deals with each of them meanwhile, on the same core,
  and `cpu_ms_per_delivery` has its work too. No run is started.
- **Starts.** The same receiver with a real Temporal server beside it, on the same machine.
  `started_ms` is from the sending of an alert to the start of its run by Temporal's own clock, for
  alerts that come one by one: 100 ms of it is the dispatcher's waiting for more. `runs_per_s` is of
  {together} alerts at once, each with a drill that is read and planned anew;
  `temporal_alone_per_s` of as many bare starts of that drill, planned once, one after the other.

## Figures

{figures}

{starts}
"""


def table(document: dict[str, Any]) -> str:
    """The goals and the figures, for a terminal."""
    goals = (tables.GOALS_HEAD, tables.goal_rows(document))
    parts = [goals, _figures(document), _starts(document)]
    return "\n\n".join(tables.aligned(head, rows) for head, rows in parts)


def markdown(document: dict[str, Any]) -> str:
    """Its section of RESULTS.md."""
    return _MARKDOWN.format(
        machine=tables.machine_sentence(document),
        goals=tables.piped(tables.GOALS_HEAD, tables.goal_rows(document)),
        rate=document["figures"]["rate_per_s"],
        seconds=document["figures"]["seconds"],
        nice=document["machine"]["nice"],
        figures=tables.piped(*_figures(document)),
        together=document["figures"]["together"],
        starts=tables.piped(*_starts(document)),
    )


def _figures(document: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    return tables.lane_table(document["figures"], ["serve"], _COLUMNS)


def _starts(document: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    return tables.lane_table(document["figures"], ["starts"], _STARTED)
