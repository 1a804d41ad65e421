"""`python -m bench.ledger`: the digest of a million documents in each store, one document."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from bench import cores, machine, postgres_server
from bench.command import Benchmark, main, say
from bench.goals import Figures, Goal, judged
from bench.ledger.corpora import CHANGED_SHARE, CORPORA, Corpus
from bench.ledger.report import markdown, table
from gameday.domain.component import Component
from gameday.domain.errors import StartError

FULL, QUICK = 1_000_000, 2_000  # documents
_LOOKS = 3
GOALS = tuple(
    Goal(f"{made.lane}_after_change_share", at_most=0.05, figure=(made.lane, "after_change_share"))
    for made in CORPORA
)


def run(quick: bool, alone: bool) -> Figures:  # noqa: ARG001 - there is no peer to be without
    """The whole document."""
    where, count = cores.choose(), QUICK if quick else FULL
    here = machine.describe(where)
    figures: Figures = {"documents": count, "changed_share": CHANGED_SHARE}
    for made in CORPORA:
        with tempfile.TemporaryDirectory(prefix="ledger") as name:
            corpus = made(Path(name), count)
            if corpus.kind == "postgres" and (why_not := postgres_server.why_not_here()):
                say(why_not)
                continue
            found = _measured(corpus, 1 if quick else _LOOKS)
            whole = figures[corpus.whole] if corpus.whole else found
            share = found["after_change_s"] / whole["full_s"]
            figures[corpus.lane] = {**found, "after_change_share": round(share, 4)}
    return {
        "quick": quick,
        "ratios": {},
        "goals": judged(figures, {}, GOALS),
        "figures": figures,
        "peers": {},
        "machine": here,
    }


def _measured(corpus: Corpus, looks: int) -> Figures:
    say(f"{corpus.lane}: making {corpus.count:,} documents")
    component = Component(kind=corpus.kind, settings=corpus.settings)
    (corpus.folder / "component.json").write_text(component.model_dump_json())
    corpus.make()
    time.sleep(corpus.settles_s)
    say(f"{corpus.lane}: looking")
    first = _look(corpus, anew=True)
    same = [_look(corpus) for _ in range(looks)]
    corpus.change()
    time.sleep(corpus.settles_s)
    changed = _look(corpus)
    anew = [_look(corpus, anew=True) for _ in range(looks)]
    _hold(corpus.lane, [first, *same], [changed, *anew])
    full_s = median(one["seconds"] for one in (first, *anew))
    return {
        "full_s": round(full_s, 3),
        "full_cpu_s": round(median(one["cpu_s"] for one in (first, *anew)), 3),
        "full_peak_mb": round(max(one["peak_mb"] for one in (first, *anew)), 1),
        "unchanged_s": round(median(one["seconds"] for one in same), 3),
        "after_change_s": round(changed["seconds"], 3),
        "after_change_cpu_s": round(changed["cpu_s"], 3),
        "after_change_peak_mb": round(changed["peak_mb"], 1),
    }


def _look(corpus: Corpus, *, anew: bool = False) -> dict[str, Any]:
    """One look. anew: with nothing remembered."""
    if anew:
        shutil.rmtree(corpus.folder / ".gameday", ignore_errors=True)
    argv = [sys.executable, "-m", "bench.ledger.look", str(corpus.folder)]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _hold(kind: str, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    """Raise StartError unless each look found what was there: a wrong digest is no feat."""
    digests = [{one["version"]["digest"] for one in looks} for looks in (before, after)]
    if [len(found) for found in digests] != [1, 1] or digests[0] == digests[1]:
        raise StartError(f"{kind}: the looks do not agree with each other, or a change was missed")


if __name__ == "__main__":
    about = "Measure the digest of a large corpus, anew and after a hundredth has changed."
    sys.exit(main(Benchmark("ledger", about, run, table, markdown)))
