"""The document as a person reads it: plain tables on a terminal, and a section of results."""

from typing import Any

from bench import tables

_COLUMNS = (
    "ours_alarms", "ours_week_median", "t_test_alarms", "t_test_week_median", "ours_steady_max",
    "ours_unknown",
)  # fmt: skip
_MARKDOWN = """\
# Creep: a slow drift among noise

Run it again with

```
make setup
.venv/bin/gameday bench creep                      # a table; --json for the whole document
.venv/bin/python -m bench.creep --write-results    # writes this section
```

{short}Measured {date}. Counts, not times: the same on any machine.

## Goals

{goals}

## How it is measured

- {systems} made-up systems of each kind, each with a figure a week for six quarters, log-normal
  with 10 % noise unless the lane says otherwise. A drifting one gets worse by 5 % a quarter, a fast
  one by 20 %. `one_outlier`: one week, drawn by chance, is three times as high. `resembling_0.3`:
  the noise of a week is correlated with that of the next one by 0.3.
- Each system is looked at every four weeks. `alarms` is the share of which any look said worse: of
  a calm system each is false, and the chance is that of the whole sequence of looks. `week_median`
  is the week of the first alarm.
- Both ways look at the same weeks at the same marks with the same alpha for each look. Ours is Mann
  and Kendall's test, widened where weeks resemble each other; the other one a t-test on the slope
  of the logarithms, which is the best there is where noise is log-normal and independent, as in the
  lanes `calm` and `drifting`.
- `ours_steady_max`: the share that was called steady, at whichever of the looks it was largest: of
  a drifting system that is wrong. `ours_unknown`: the share of which nothing was said at the last
  look.
- `quarterly_drifting` has a figure a quarter alone, as from drills.

## Figures

{figures}
"""


def table(document: dict[str, Any]) -> str:
    """The goals and the figures, for a terminal."""
    parts = [(tables.GOALS_HEAD, tables.goal_rows(document)), _figures(document)]
    return "\n\n".join(tables.aligned(head, rows) for head, rows in parts)


def markdown(document: dict[str, Any]) -> str:
    """Its section of RESULTS.md."""
    return _MARKDOWN.format(
        systems=f"{document['figures']['systems']:,}",
        short="A short run: its figures judge nothing. " if document["quick"] else "",
        date=document["machine"]["date"],
        goals=tables.piped(tables.GOALS_HEAD, tables.goal_rows(document)),
        figures=tables.piped(*_figures(document)),
    )


def _figures(document: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    lanes = {name: of for name, of in document["figures"].items() if isinstance(of, dict)}
    return tables.lane_table(lanes, lanes, _COLUMNS)
