"""Keys: Ed25519, in PEM. The reporter's own is made at first use, and only it can read that."""

import hashlib
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from gameday.domain.errors import FileError, StartError
from gameday.domain.record import RunRequest
from gameday.supervisor.secrets import read_secret

_BYTES_MAX = 10_000  # of a key's file; one has about 120


@dataclass(frozen=True)
class Keys:
    """Where a reporter finds what it signs with: the target says so, else it has its own."""

    state: Path  # the folder of this reporter's own key

    def of(self, request: RunRequest) -> Ed25519PrivateKey:
        """The key for a run. Raises FileError for one that is missing or none, and StartError."""
        if request.target.evidence.signing_key is None:
            return own_key(self.state)
        return named_key(request)


def named_key(request: RunRequest) -> Ed25519PrivateKey:
    """The key that the run's target file names. Raises FileError for a missing one, or none."""
    reference = request.target.evidence.signing_key
    assert reference is not None
    beside = Path(request.target_file).parent
    return _private(read_secret(reference, beside=beside).encode(), reference)


def own_key(state: Path) -> Ed25519PrivateKey:
    """The key of this state folder; two reporters that start at once make one, not two.

    Raises FileError where others can read it: then whatever it signs, they can sign.
    """
    path = state / "reporter" / "key.pem"
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise FileError(
            f"{path} can be read by others (mode {path.stat().st_mode & 0o777:o}, expected 600)",
            next_step=f"rm {path}; a new key is made at the next report, old bundles keep theirs",
        )
    return _private(path.read_bytes(), str(path))


def new_key(path: Path) -> Ed25519PrivateKey:
    """A new key in a file of its own, mode 0600. Raises FileError where there is one already."""
    if path.exists():
        raise FileError(
            f"{path} is there already, and a key is not written over",
            next_step="use it, or choose another place with --out",
        )
    _make(path)
    return read_private(path)


def read_private(path: Path) -> Ed25519PrivateKey:
    """A person's own key. Raises FileError where it is missing, none, or readable by others."""
    try:
        mode, content = path.stat().st_mode & 0o777, path.read_bytes()
    except OSError as error:
        raise FileError(
            f"the key {path} cannot be read: {error.strerror or error}",
            next_step="gameday key new NAME",
        ) from error
    if mode & 0o077:
        raise FileError(
            f"{path} can be read by others (mode {mode:o}, expected 600)",
            next_step=f"make a new key and tell the policy's owner; or, if you are sure of all who "
            f"could read it, chmod 600 {path}",
        )
    return _private(content, str(path))


def _make(path: Path) -> None:
    """Whole or not at all, and never over one that is there already."""
    content = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, made = tempfile.mkstemp(dir=path.parent)  # mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another reporter was quicker: its key counts
            path.hardlink_to(made)
        Path(made).unlink()
    except OSError as error:
        raise StartError(
            f"the key {path} could not be made: {error.strerror or error}",
            next_step=f"free some space or fix the permissions of {path.parent}",
        ) from error


def public_pem(key: Ed25519PrivateKey) -> bytes:
    """What everybody may have, to check with."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def key_id(public: Ed25519PublicKey) -> str:
    """SHA-256 of the public key in DER: `openssl pkey -pubin -outform DER < PUB | sha256sum`."""
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def read_public(path: Path) -> Ed25519PublicKey:
    """The public key in a PEM file. Raises FileError for a file that is missing or holds none."""
    try:
        with path.open("rb") as file:
            content = file.read(_BYTES_MAX)
    except OSError as error:
        raise FileError(
            f"{path} cannot be read: {error.strerror or error}",
            next_step="ask whoever runs the drills for their public key",
        ) from error
    if b"PRIVATE KEY" in content:
        raise FileError(
            f"{path} holds a private key; expected a public one",
            next_step="keep it where it is; a run leaves the public one beside its report",
        )
    try:
        key = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise FileError(
            f"{path} holds no Ed25519 public key in PEM",
            next_step="expected a file that begins with -----BEGIN PUBLIC KEY-----",
        )
    return key


def _private(content: bytes, where: str) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: it asks for a password
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise FileError(
            f"{where} is no Ed25519 private key in PEM without a password",
            next_step="make one:  openssl genpkey -algorithm ed25519 -out KEY",
        )
    return key
