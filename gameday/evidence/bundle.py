"""Puts all that a run has left into one archive, and signs it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gameday.domain.drill import Drill
from gameday.domain.record import RunRecord
from gameday.domain.result import Result
from gameday.evidence.archive import ArchiveWriter, digest_of
from gameday.evidence.envelope import sign
from gameday.evidence.key import key_id, public_pem
from gameday.evidence.manifest import Manifest, ManifestFile
from gameday.evidence.statement import make_statement
from gameday.store.atomic import replacing, write_whole
from gameday.store.journal import head_of
from gameday.store.run_folder import RunFolder

MANIFEST, STATEMENT_FILE = "manifest.json", "statement.intoto.json"
# What single requests were like; whoever may not see them gets their digests.
SINGLE_REQUESTS = ("samples/", "calls/", "served/", "reference.json")


@dataclass(frozen=True)
class Bundle:
    """A bundle that was made."""

    file: Path
    public_key: Path
    key: str
    manifest: Manifest


def make_bundle(
    folder: RunFolder,
    result: Result,
    key: Ed25519PrivateKey,
    *,
    to: Path | None = None,
    without_samples: bool = False,
) -> Bundle:
    """Write the bundle of a judged run, and the public key beside it. Raises StartError.

    The same files and the same key give the same bytes. to: where; in the run's folder unless
    said. without_samples: what single requests were like is left out, and named by its digest.
    """
    path = to or folder.bundle_file
    record = folder.read_record()
    with replacing(path) as file, ArchiveWriter(file) as archive:
        files = {}
        for name, content in _contents(folder, record, result):
            withheld = without_samples and name.startswith(SINGLE_REQUESTS)
            files[name] = _withheld(content) if withheld else archive.add(name, content)
        manifest = _manifest(result, files, head_of(folder.journal_file))
        digests = {**files, MANIFEST: archive.add(MANIFEST, manifest.as_bytes())}
        statement = sign(make_statement(result, digests), key)
        archive.add(STATEMENT_FILE, statement.as_bytes())
    public_key = path.with_name(folder.public_key_file.name)
    write_whole(public_key, public_pem(key))
    return Bundle(path, public_key, key_id(key.public_key()), manifest)


def _contents(
    folder: RunFolder, record: RunRecord, result: Result
) -> Iterator[tuple[str, Path | bytes]]:
    """Every file by its name, in the order of names.

    The result is taken as it is about to be written: its file comes after the bundle that it names.
    """
    request = record.request
    contents: dict[str, Path | bytes] = {
        **{str(path.relative_to(folder.path)): path for path in folder.evidence_files()},
        "drill.json": drill_file(request.drill),
        "plan.json": request.plan.model_dump_json(indent=1).encode() + b"\n",
        folder.result_file.name: folder.as_written(result),
    }
    yield from sorted(contents.items())


def drill_file(drill: Drill) -> bytes:
    """The drill as it was run, overrides included: a drill file again, as JSON is YAML."""
    document = _flat(drill.model_dump(mode="json", by_alias=True))
    if runbook := document.pop("respond_with"):
        document["respond"] = runbook  # whose steps planning had put in its place
    return json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"


def _flat(written: Any) -> Any:
    """The settings of each kind beside its own keys, as in a drill file."""
    if isinstance(written, list):
        return [_flat(one) for one in written]
    if not isinstance(written, dict):
        return written
    settings = written.get("settings")
    plain = {key: _flat(value) for key, value in written.items() if key != "settings"}
    return {**plain, **(settings if isinstance(settings, dict) else {})}


def _withheld(content: Path | bytes) -> ManifestFile:
    assert isinstance(content, Path)  # what is made for the bundle itself tells of no request
    with content.open("rb") as file:
        return digest_of(file).model_copy(update={"withheld": True})


def _manifest(result: Result, files: dict[str, ManifestFile], journal_head: str) -> Manifest:
    return Manifest(
        run=result.run_id,
        drill=result.drill,
        target=result.target,
        environment=result.environment,
        verdict=result.verdict,
        reason=result.reason,
        started_at=result.started_at,
        ended_at=result.ended_at,
        requested_by=result.requested_by,
        approved_by=result.approved_by,
        plan_digest=result.plan_digest,
        journal_head=journal_head,
        made_by=f"gameday {version('ai-gameday')}",
        files=files,
    )
