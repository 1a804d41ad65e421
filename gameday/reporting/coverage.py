"""What was ever rehearsed on each target, as its newest stored run describes it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from gameday.catalog.kinds import faults
from gameday.domain.history import HistoryRow
from gameday.domain.readiness import Coverage, find_coverage
from gameday.store.run_folder import RunFolder

Row = tuple[str, ...]
SCENARIO_HEADS = ("Scenario", "State", "Readiness", "Shown by")
NAMES_MAX = 12  # of kinds that were never rehearsed; the command tells all


def find_coverages(rows: Iterable[HistoryRow], now: datetime) -> Mapping[str, Coverage]:
    """Of each target and environment of which a run's record is still there.

    The target is read from the newest of these: what was added to it since is not known.
    """
    by_place: dict[str, list[HistoryRow]] = {}
    for row in sorted(rows, key=lambda row: row.started_at):
        by_place.setdefault(row.place, []).append(row)
    kinds = dict(faults.kinds())
    found = {}
    for place, known in by_place.items():
        stored = (RunFolder(row.folder) for row in reversed(known))
        newest = next((folder for folder in stored if folder.record_file.exists()), None)
        if newest is not None:
            target = newest.read_record().request.target
            found[place] = find_coverage(target, known[-1].environment, kinds, known, now)
    return found


def scenario_rows(coverage: Coverage) -> list[Row]:
    """The scenarios that were rehearsed, the least ready first, in the columns of SCENARIO_HEADS.

    Readiness is 1 on the day it was shown, and half as much with every quarter since.
    """
    return [
        (one.scenario.words, one.state, f"{one.score:.2f}", one.sentence)
        for one in coverage.rehearsed
    ]


def never_sentences(coverage: Coverage) -> list[str]:
    """What no drill has touched, in at most two sentences."""
    told = []
    if coverage.never_places:
        told.append(f"Nothing was ever rehearsed on {', '.join(coverage.never_places)}.")
    if coverage.never_kinds:
        told.append(f"Of what could be made to fail, never tried: {_cut(coverage.never_kinds)}.")
    return told


def _cut(names: Sequence[str]) -> str:
    more = len(names) - NAMES_MAX
    return ", ".join(names[:NAMES_MAX]) + (f" and {more} more" if more > 0 else "")
