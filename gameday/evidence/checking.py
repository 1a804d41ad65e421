"""Checks a bundle with a public key and nothing else: no server, no network, no run folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gameday.domain.errors import FileError, RefusedError
from gameday.evidence.archive import Archive, open_archive
from gameday.evidence.bundle import MANIFEST, STATEMENT_FILE
from gameday.evidence.envelope import Envelope, read_envelope
from gameday.evidence.key import key_id
from gameday.evidence.manifest import Manifest, read_manifest
from gameday.evidence.statement import read_subjects
from gameday.store.journal import find_break

_SMALL_BYTES_MAX = 64 << 20  # of a file that is read whole
_NAMED_MAX = 5
_JOURNAL = "journal.jsonl"


@dataclass(frozen=True)
class Checked:
    """A bundle that is as it was signed. key: the id of the key that signed it."""

    key: str
    manifest: Manifest

    @property
    def withheld(self) -> list[str]:
        """The files that are known by their digests only."""
        return [name for name, file in self.manifest.files.items() if file.withheld]


def check_bundle(path: Path, public: Ed25519PublicKey) -> Checked:
    """What is signed. Raises RefusedError that names each file that is not as it was signed.

    Raises FileError where the bundle cannot be read at all.
    """
    try:
        with open_archive(path) as archive:
            return _check(path, archive, public)
    except OSError as error:
        raise FileError(
            f"{path} cannot be read: {error.strerror or error}",
            next_step="a run leaves its bundle as runs/RUN/bundle.zip",
        ) from error


def _check(path: Path, archive: Archive | None, public: Ed25519PublicKey) -> Checked:
    if archive is None:
        raise _refused(path, ["it is no zip archive, or its directory is damaged"])
    if foreign := archive.foreign():
        raise _refused(path, [f"no bundle is written like this: {foreign}"])
    envelope = _envelope(path, archive, public)
    subjects = read_subjects(envelope.payload)
    if subjects is None:
        raise _refused(path, [f"{STATEMENT_FILE} is signed, and no statement about a drill"])
    content = archive.read(MANIFEST, _SMALL_BYTES_MAX) or b""
    manifest = read_manifest(content)
    # Before a manifest is believed it must be the one that was signed.
    if archive.digest(MANIFEST) != subjects[MANIFEST]:
        raise _refused(path, [_changed(archive, MANIFEST)])
    if manifest is None:
        raise _refused(path, [f"{MANIFEST} is signed, and of a version that is not known here"])
    wrong = list(dict.fromkeys(_wrong_files(archive, manifest, subjects)))
    if wrong := wrong or list(_wrong_elsewhere(archive, manifest)):
        raise _refused(path, wrong)
    return Checked(envelope.key, manifest)


def _envelope(path: Path, archive: Archive, public: Ed25519PublicKey) -> Envelope:
    """The envelope, which the key has signed."""
    content = archive.read(STATEMENT_FILE, _SMALL_BYTES_MAX)
    if content is None:
        raise _refused(path, [_changed(archive, STATEMENT_FILE)])
    envelope = read_envelope(content)
    if envelope is None:
        raise _refused(path, [f"{STATEMENT_FILE} is not as it was written"])
    if not envelope.is_signed_by(public):
        given = key_id(public)
        why = "its signature does not fit: it was changed"
        if envelope.key != given:
            why = f"it is said to be signed by key {envelope.key[:80]}; the key given is {given}"
        raise _refused(path, [f"{STATEMENT_FILE} is not signed by this key: {why}"])
    return envelope


def _wrong_files(archive: Archive, manifest: Manifest, subjects: dict[str, str]) -> Iterator[str]:
    """A sentence for each file that is missing, changed or added."""
    here = {name: one.sha256 for name, one in manifest.files.items() if not one.withheld}
    for name, digest in (*here.items(), *subjects.items()):
        if archive.digest(name) != digest:
            yield _changed(archive, name)
    for name in archive.names:
        if name not in here and name not in (MANIFEST, STATEMENT_FILE):
            yield f"{name} was added, and is in no manifest"


def _wrong_elsewhere(archive: Archive, manifest: Manifest) -> Iterator[str]:
    """What no digest of a file shows: the journal's own chain, and the archive around the files."""
    journal = archive.read(_JOURNAL, _SMALL_BYTES_MAX)
    line = find_break(journal) if journal is not None else None
    if line is not None:
        yield f"{_JOURNAL} was signed with a broken chain: line {line} does not follow"
    here = sorted(name for name, one in manifest.files.items() if not one.withheld)
    offset = archive.difference([*here, MANIFEST, STATEMENT_FILE])
    if offset is not None:
        where = archive.entry_at(offset)
        what = f"the heading of {where}" if where else "the archive's directory"
        yield f"{what} is not as it was written (byte {offset})"


def _changed(archive: Archive, name: str) -> str:
    return f"{name} is {'not what was signed' if name in archive.names else 'missing'}"


def _refused(path: Path, wrong: list[str]) -> RefusedError:
    more = f"; and {len(wrong) - _NAMED_MAX} more" if len(wrong) > _NAMED_MAX else ""
    return RefusedError(
        f"{path} is not as it was signed: {'; '.join(wrong[:_NAMED_MAX])}{more}",
        next_step="ask for the bundle again, from whoever keeps the run, and for their public key",
    )
