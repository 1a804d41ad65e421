"""The document as a person reads it: plain tables on a terminal, and a section of results."""

from typing import Any

from bench import tables

_LANES = ("direct", "gate", "gate_without_rules", "gate_watched", "nginx", "envoy", "mitmdump")

_MARKDOWN = """\
# The HTTP fault gate beside nginx, Envoy and mitmdump

One run, all proxies side by side over one upstream. Run it again with

```
make setup
bash scripts/install_bench_peers.sh
.venv/bin/gameday bench gate                      # a table; --json for the whole document
.venv/bin/python -m bench.gate --write-results    # writes this section
```

{machine}

## Goals

{goals}

A value without a peer behind it is `-` and its goal `unknown`. nginx is the floor: it passes
bytes on and can inject nothing. Envoy (its fault filter) and mitmdump are the peers that can.

## Ratios

{ratios}

## How it is measured

- The proxy under test has one core, client and upstream share the other. All proxies run for
  the whole time, and the lanes take turns in every alternation, each first in its turn. So a
  slow minute of the machine falls on all of them, and **the ratios can be trusted further than
  the times.**
- Client and upstream are ours, on uvloop, with requests built beforehand. What they cost is in
  every lane alike; "added" is a lane's median less that of the direct lane.
- nginx: unbuffered, keep-alive upstream, one worker, no log. Envoy: one worker, fault filter in
  the chain with both faults at 0 %. mitmdump: streams answers; by default it holds a whole
  stream back, which could not be compared.
- Processor time is the kernel's account of all of a proxy's processes, at 32 requests in
  flight.
- The gate takes one rule in force per listener. So "100 idle rules" are 100 rules at 100 other
  listeners of the same process, and one more at the measured listener, for requests with a mark
  that none of them has. `gate_without_rules` is the same process in the same alternations,
  with no rule; `gate_watched` has the rules and keeps the log of calls that a running drill
  asks for.
- A chunk is *merged* when it does not carry exactly the one event that it left the upstream
  with, *held* when it reached the client only after the next one had left the upstream. A
  scheduler that lets client or proxy wait for 5 ms makes held chunks too: compare the direct
  lane.
- p99 on a machine with two shared cores is the scheduler's, and is given, not judged.

## Figures

### Passing through, one request in flight (us)

{pass_through}

### Processor time, 32 requests in flight

{load}

### Streams, {gap_ms} ms between events

{streams}

### Clearing (ms)

{clearing}

Envoy's time to the last held request is about as long as its delay: turning the fault off does
not let go of what it holds.

### The rest

{rest}
"""


def table(document: dict[str, Any]) -> str:
    """The goals, the ratios and where the peers stand, for a terminal."""
    goals = tables.aligned(tables.GOALS_HEAD, tables.goal_rows(document))
    ratios = tables.aligned(tables.RATIOS_HEAD, tables.ratio_rows(document))
    lanes = tables.aligned(
        *tables.lane_table(
            document["figures"]["pass_through"], _LANES, ["p50_us", "added_p50_us", "p99_us"]
        )
    )
    return f"{goals}\n\n{ratios}\n\n{lanes}"


def markdown(document: dict[str, Any]) -> str:
    """The gate's section of RESULTS.md."""
    figures = document["figures"]
    sections = {
        "pass_through": [
            "p50_us", "p50_us_quarter", "p50_us_three_quarters", "added_p50_us", "added_min_us",
            "p99_us",
        ],
        "load": ["cpu_us_per_request", "requests_per_s", "resident_mb"],
        "streams": [
            "ttfb_p50_us", "added_ttfb_p50_us", "chunks_merged", "chunks_held", "events",
            "cpu_us_per_event", "transit_p50_us", "transit_p99_us",
        ],
        "clearing": ["clear_to_clean_p50_ms", "clear_to_clean_max_ms", "last_held_released_ms"],
    }  # fmt: skip
    lanes = {
        name: tables.piped(*tables.lane_table(figures[name], _LANES, columns))
        for name, columns in sections.items()
    }
    return _MARKDOWN.format(
        machine=tables.machine_sentence(document),
        goals=tables.piped(tables.GOALS_HEAD, tables.goal_rows(document)),
        ratios=tables.piped(tables.RATIOS_HEAD, tables.ratio_rows(document)),
        gap_ms=figures["streams"]["gap_ms"],
        rest=tables.piped(["figure", "value"], _rest(figures)),
        **lanes,
    )


def _rest(figures: dict[str, Any]) -> list[list[str]]:
    parts = {
        "delay": figures["injecting"]["delay"],
        "share": figures["injecting"]["share"],
        "leases": figures["leases"],
        "open streams": figures["open_streams"],
    }
    return [
        [f"{part}: {name}", tables.text(value)]
        for part, values in parts.items()
        for name, value in values.items()
        if value != []
    ]
