"""The document as a person reads it: plain tables on a terminal, and a section of results."""

from typing import Any

from bench import tables

_MARKDOWN = """\
# The pages that people look at

Run it again with

```
make setup
.venv/bin/gameday bench pages                      # a table; --json for the whole document
.venv/bin/python -m bench.pages --write-results    # writes this section
```

{machine}

## Goals

{goals}

## How it is measured

- The report of a run of {samples} samples, made as for the section on judging and judged by the
  seven checks of the drill `provider-outage`: its size, and how long Chromium takes from the start
  of the navigation until it has read, styled and laid out all of it (the median of five; painting
  is not in it).
- A site of {runs} runs, one a week of 20 drills, with every figure of that run and 10 % noise: what
  making it takes of a processor, trends of all figures included, and the same of its first page and
  of one drill's page. The runs' own reports, which it would copy, are left out.

## Figures

{figures}
"""


def table(document: dict[str, Any]) -> str:
    """The goals and the figures, for a terminal."""
    parts = [
        (tables.GOALS_HEAD, tables.goal_rows(document)),
        (("figure", "value"), _rows(document)),
    ]
    return "\n\n".join(tables.aligned(head, rows) for head, rows in parts)


def markdown(document: dict[str, Any]) -> str:
    """Its section of RESULTS.md."""
    figures = document["figures"]
    return _MARKDOWN.format(
        samples=f"{figures['report']['samples']:,}",
        runs=f"{figures['site']['runs']:,}",
        machine=tables.machine_sentence(document),
        goals=tables.piped(tables.GOALS_HEAD, tables.goal_rows(document)),
        figures=tables.piped(("figure", "value"), _rows(document)),
    )


def _rows(document: dict[str, Any]) -> list[list[str]]:
    return [
        [f"{part}: {name}", tables.text(value)]
        for part, figures in document["figures"].items()
        for name, value in figures.items()
    ]
