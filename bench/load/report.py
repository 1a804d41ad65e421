"""The document as a person reads it: plain tables on a terminal, and a section of results."""

from typing import Any

from bench import tables
from bench.load.scenarios.rates import LATENCY_MS_P99_MAX, SHARE_SERVED_MIN

_LANES = ("gameday", "wrk", "hey", "locust", "aiohttp")
_FREEZE = (
    "p50_ms", "truth_p50_ms", "p95_ms", "truth_p95_ms", "p99_ms", "truth_p99_ms", "scheduled",
    "answered",
)  # fmt: skip
_ERRORS = ("p50_error_ms", "p95_error", "p99_error", "accounted")
_RATES = (
    "requests_per_s", "closed_per_s", "cpu_us_per_request", "cpu_share", "latency_p99_ms",
    "send_lag_p99_ms",
)  # fmt: skip
_STREAMS = ("cpu_us_per_event", "events_per_s")
_MARKDOWN = """\
# The load generator beside wrk, hey, Locust and aiohttp

One run, all clients in turns against the same servers. Run it again with

```
make setup
bash scripts/install_bench_peers.sh
.venv/bin/gameday bench load                      # a table; --json for the whole document
.venv/bin/python -m bench.load --write-results    # writes this section
```

{machine}

## Goals

{goals}

A value without a peer behind it is `-` and its goal `unknown`.

## Ratios

{ratios}

## How it is measured

- The client under test has one core, the server and the one who measures share the other. The
  generator is the one that a drill starts, `python -m gameday.probes`: it parses, scores and
  prices every answer and records a sample of each request. Clients take turns, each first in
  its turn; figures are medians over {alternations} alternations. **The ratios can be trusted
  further than the times.** Clients and servers ran at niceness {nice} if this user may give it:
  below 0, the machine's other work waits for them.
- **Freeze.** {rate} requests a second for {lasts} s; once the server stands still for
  {frozen} s. *Truth* is by the server's own log: when it wrote the answer of a request less when
  the schedule said that a user comes, whatever the client did in between (`bench/load/truth.py`).
  Locust (20 users), hey (50 workers) and wrk (10 connections, no rate) number no requests; their
  truth is what such a schedule meets of such a freeze. aiohttp is on our schedule. `accounted` is
  the share of scheduled requests with one sample each that the server's log bears out, the worst
  of all alternations; of a peer, the share of them that it has answered.
- **Rates.** The server is nginx with one fixed answer. `requests_per_s` is the highest rate of an
  open loop that is *honest*: the server counts at least {served} of it, and 99 of 100 requests take
  no more than {bound} ms from when they were due, by the client's own word, once it is warm. The
  server needs a fraction of a millisecond, so all else is a client's own lateness, in sending or
  in reading. Of the generator each scheduled request must also have its one sample, and an
  answer. aiohttp is held to the same bound on the same schedule; Locust, whose times do not count
  from when requests were due, to the server's count alone. The search goes by steps, and climbs
  again after a rate that failed in a bad moment.
- `closed_per_s` is all that a peer can do in a closed loop with {connections} requests in flight.
  wrk and hey keep no rate, so that this is theirs. It is in their favour: no schedule can ask more.
- What clients do and cost is looked at from outside, while they work: the server counts requests
  and events, the kernel the processor time.
- **Streams.** {open} at once, {gap} ms between two events, on the same schedule of new streams.
  The generator finds the events, takes the content, the first token's time, the gaps, finish
  reason and usage; aiohttp counts bytes.
- **Lateness.** 1,000 requests a second for some seconds: how late each leaves.

## Figures

### A server that freezes (ms)

{freeze}

How far each report is from the truth (the median in ms, the others as shares of the truth):

{errors}

### Requests a second from one core

{rates}

### Streams

{streams}

### Send lag at 1,000 a second (ms)

{lateness}
"""


def table(document: dict[str, Any]) -> str:
    """The goals, the ratios and where the clients stand, for a terminal."""
    figures = document["figures"]
    parts = [
        (tables.GOALS_HEAD, tables.goal_rows(document)),
        (tables.RATIOS_HEAD, tables.ratio_rows(document)),
        tables.lane_table(figures["freeze"], _LANES, _ERRORS),
        tables.lane_table(figures["rates"], _LANES, _RATES),
    ]
    return "\n\n".join(tables.aligned(head, rows) for head, rows in parts)


def markdown(document: dict[str, Any]) -> str:
    """The load generator's section of RESULTS.md."""
    figures = document["figures"]
    freeze, streams = figures["freeze"], figures["streams"]
    lateness = ("send_lag_p50_ms", "send_lag_p99_ms")
    return _MARKDOWN.format(
        machine=tables.machine_sentence(document),
        goals=tables.piped(tables.GOALS_HEAD, tables.goal_rows(document)),
        ratios=tables.piped(tables.RATIOS_HEAD, tables.ratio_rows(document)),
        alternations=document["alternations"],
        nice=document["machine"]["nice"],
        rate=freeze["rate_per_s"],
        lasts=tables.text(freeze["lasts_s"]),
        frozen=tables.text(freeze["frozen_s"]),
        served=f"{SHARE_SERVED_MIN:.0%}",
        bound=f"{LATENCY_MS_P99_MAX:g}",
        connections=figures["rates"]["connections"],
        open=streams["streams_at_once"],
        gap=tables.text(streams["gap_ms"]),
        freeze=tables.piped(*tables.lane_table(freeze, _LANES, _FREEZE)),
        errors=tables.piped(*tables.lane_table(freeze, _LANES, _ERRORS)),
        rates=tables.piped(*tables.lane_table(figures["rates"], _LANES, _RATES)),
        streams=tables.piped(*tables.lane_table(streams, _LANES, _STREAMS)),
        lateness=tables.piped(*tables.lane_table(figures["lateness"], _LANES, lateness)),
    )
