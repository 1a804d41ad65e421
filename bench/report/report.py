"""The document as a person reads it: plain tables on a terminal, and a section of results."""

from typing import Any

from bench import tables

_MARKDOWN = """\
# A judged report from {count} samples

Run it again with

```
make setup
.venv/bin/gameday bench report                      # a table; --json for the whole document
.venv/bin/python -m bench.report --write-results    # writes this section
```

{machine}

## Goals

{goals}

## How it is measured

- A process of its own makes the run that the drill `provider-outage` would leave after
  {seconds} s at 1,000 requests a second: its samples, with scores, tokens, attempts and one lost
  request in two thousand, and its record. `sample_make_us` is the cost of one `Sample` whose
  fields are at hand; `sample_write_us` that of handing it to the writer, its share of a block
  and of the disk included.
- Then `gameday judge`, as a person calls it, judges the run by the seven checks of the drill and
  writes result, journal, Markdown and HTML. Processor time (the median of three judgings) and
  peak memory (the most of them) are the kernel's count of that whole process, the start of the
  interpreter and the imports included.

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
    count = document["figures"]["samples"]["count"]
    return _MARKDOWN.format(
        count=f"{count:,}",
        seconds=f"{count / 1_000:,.0f}",
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
