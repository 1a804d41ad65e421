"""The document of the benchmark as a table, and as its section of bench/RESULTS.md."""

from typing import Any

from bench.tables import aligned, piped, text

_HEAD = ("variant", "alarms", "median", "p90")
_ENVELOPE_HEAD = ("variant", "margin", "inside", "outside", "undecided", "median")
_MEANS = """\
A run takes the answers of one variant in shuffled rounds over the prompts and looks after each:
at most 650 requests for *changed?*, 720 for *inside the envelope?*. Requests are counted up to the
alarm or the verdict; median and p90 are over all runs, `-` where fewer came to one. The answers of
`base` are divided into recorded and new ones, so that none is both.

All runs draw from one finite recording. The alarms of `base` are what alpha bounds, since dividing
one set at random makes recorded and new answers exchangeable. Those of any other variant are of
this recording and of no other: one that is no worse may well differ in the luck of its answers.
What alpha promises over recordings is measured on streams that are made up anew each time."""


def table(document: dict[str, Any]) -> str:
    parts = [aligned(_HEAD, _alarms(document)), aligned(_ENVELOPE_HEAD, _envelopes(document))]
    if document["null"]:
        parts += [aligned(*_false_alarms(document)), aligned(*_wrong_verdicts(document))]
    return "\n\n".join(parts)


def markdown(document: dict[str, Any]) -> str:
    parts = [
        "# Silent changes: how soon they are noticed",
        f"Measured {document['machine']['date']}. Counts, not times: the same on any machine.",
        _command(document),
        "## Changed?",
        piped(_HEAD, _alarms(document)),
        "## Inside the envelope?",
        piped(_ENVELOPE_HEAD, _envelopes(document)),
        "## What the figures are",
        _MEANS,
    ]
    if document["null"]:
        streams = f"{document['null']['streams']:,} streams"
        parts += [
            "## False alarms and wrong verdicts",
            f"{streams} of 160 answers in which nothing changes: share with an alarm, by alpha.",
            piped(*_false_alarms(document)),
            f"{streams} whose quality fell by exactly the margin, where each verdict is wrong.",
            piped(*_wrong_verdicts(document)),
        ]
    return "\n\n".join(parts) + "\n"


def _command(document: dict[str, Any]) -> str:
    settings = f"--alpha {document['alpha']:g} --sims {document['sims']}"
    if document["null"]:
        settings += f" --null {document['null']['streams']}"
    return f"`gameday bench drift {document['file']} {settings}`"


def _alarms(document: dict[str, Any]) -> list[list[str]]:
    return [
        [name, *(text(found["alarm"][key]) for key in ("share", "median", "p90"))]
        for name, found in document["variants"].items()
    ]


def _envelopes(document: dict[str, Any]) -> list[list[str]]:
    return [
        [name, margin, *(text(found[key]) for key in _ENVELOPE_HEAD[2:])]
        for name, figures in document["variants"].items()
        for margin, found in figures["envelope"].items()
    ]


def _false_alarms(document: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    by_looks = document["null"]["changed"]
    alphas = list(next(iter(by_looks.values())))
    rows = [[name, *(text(shares[a]) for a in alphas)] for name, shares in by_looks.items()]
    return ["looks", *alphas], rows


def _wrong_verdicts(document: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    rows = [
        [name, alpha, text(shares["inside"]), text(shares["outside"])]
        for name, by_alpha in document["null"]["envelope"].items()
        for alpha, shares in by_alpha.items()
    ]
    return ["at the margin", "alpha", "inside", "outside"], rows
