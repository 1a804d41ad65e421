"""The signed sentence of a bundle: an in-toto Statement that says how a drill's checks ended.

Source: in-toto Statement v1 and its predicate test-result v0.1. The predicate knows three
results; the verdict in Gameday's own words is in the manifest, which the statement is about.
"""

import json
from collections.abc import Mapping
from typing import Any

from gameday.domain.result import Result
from gameday.domain.verdict import Held, Verdict
from gameday.evidence.manifest import ManifestFile

STATEMENT = "https://in-toto.io/Statement/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
# Each is also signed by itself, so that it can be handed on alone and checked with other tools.
DOCUMENTS = ("manifest.json", "result.json", "report.html", "report.md", "journal.jsonl")
CONFIGURATION = ("drill.json", "plan.json")
# Something possibly left broken is no warning; a run that could not tell is no failure.
_RESULTS = {Verdict.PASSED: "PASSED", Verdict.FAILED: "FAILED", Verdict.DIRTY: "FAILED"}


def make_statement(result: Result, files: Mapping[str, ManifestFile]) -> bytes:
    """The statement as it is signed. files: by name, the manifest among them."""
    statement = {
        "_type": STATEMENT,
        "subject": [_descriptor(name, files) for name in DOCUMENTS],
        "predicateType": TEST_RESULT,
        "predicate": {
            "result": _RESULTS.get(result.verdict, "WARNED"),
            "configuration": [_descriptor(name, files) for name in CONFIGURATION],
            "passedTests": _checks(result, Held.YES),
            "warnedTests": _checks(result, Held.UNKNOWN),
            "failedTests": _checks(result, Held.NO),
        },
    }
    return json.dumps(statement, separators=(",", ":"), ensure_ascii=False).encode()


def read_subjects(payload: bytes) -> dict[str, str] | None:
    """The SHA-256 of each subject, by name; None where it is no statement as we make them."""
    try:
        statement = json.loads(payload)
        if (statement["_type"], statement["predicateType"]) != (STATEMENT, TEST_RESULT):
            return None
        subjects = {one["name"]: one["digest"]["sha256"] for one in statement["subject"]}
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return subjects if set(subjects) == set(DOCUMENTS) else None


def _descriptor(name: str, files: Mapping[str, ManifestFile]) -> dict[str, Any]:
    return {"name": name, "digest": {"sha256": files[name].sha256}}


def _checks(result: Result, held: Held) -> list[str]:
    return [f"{check.kind} {check.name}".strip() for check in result.checks if check.held is held]
