"""The document as a person reads it: plain tables on a terminal, and a section of results."""

from typing import Any

from bench import tables

_COLUMNS = (
    "full_s", "full_cpu_s", "full_peak_mb", "unchanged_s", "after_change_s", "after_change_cpu_s",
    "after_change_share", "after_change_peak_mb",
)  # fmt: skip
_MARKDOWN = """\
# The digest of {count} documents

Run it again with

```
make setup
.venv/bin/gameday bench ledger                      # a table; --json for the whole document
.venv/bin/python -m bench.ledger --write-results    # writes this section
```

{machine}

## Goals

{goals}

A goal is the time of the look after a hundredth of the documents has changed, over that of a look
with nothing remembered.

## How it is measured

- Each document has 512 characters, in LanceDB and PostgreSQL a vector of 64 numbers as well. The
  changed ones are drawn by chance, all over the corpus: the worst case for what remembers parts.
- Each look is `read()` of the backend, in a process of its own that has the driver already;
  memory and processor time are that process's, without PostgreSQL's. `full_s` is the median of the
  looks with nothing remembered, `unchanged_s` of those at an unchanged corpus; `after_change_s` is
  the only one there can be.
- `files_in_git` are the files of `files` in a repository. Git knows a folder's digest by itself, so
  that there is no whole look; its share is of `files`' whole look.
- What is left of a look after a change, and cannot be less: of a folder, asking the file system for
  each file's stamp, as an edit in place shows nowhere else; of PostgreSQL, one scan of all rows'
  headers, as it keeps no list of what was written since; of LanceDB, the new files and which rows
  are deleted.
- Looks that should find the same must find the same, and after the change another digest, equal to
  that of a look with nothing remembered. Else there is no document.

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
        count=f"{document['figures']['documents']:,}",
        machine=tables.machine_sentence(document),
        goals=tables.piped(tables.GOALS_HEAD, tables.goal_rows(document)),
        figures=tables.piped(*_figures(document)),
    )


def _figures(document: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    stores = {name: of for name, of in document["figures"].items() if isinstance(of, dict)}
    return tables.lane_table(stores, stores, _COLUMNS)
