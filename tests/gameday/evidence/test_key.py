"""A reporter has one key, which nobody else can read, and other keys are refused by name."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from gameday.domain.errors import FileError, StartError
from gameday.domain.evidence import Evidence
from gameday.evidence.key import Keys, key_id, own_key, public_pem, read_public
from tests.gameday.reporting.runs import make_drill, make_request


def pem(key, encryption=None):
    encryption = encryption or NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def request_with(reference, folder):
    request = make_request("7Q2K", make_drill())
    target = request.target.model_copy(update={"evidence": Evidence(signing_key=reference)})
    changes = {"target": target, "target_file": str(folder / "gameday.yaml")}
    return request.model_copy(update=changes)


def test_the_key_is_made_once_for_its_owner_alone(tmp_path):
    first, second = own_key(tmp_path), own_key(tmp_path)
    assert public_pem(first) == public_pem(second)
    file = tmp_path / "reporter" / "key.pem"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_reporters_that_start_at_once_share_one_key(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(lambda _: public_pem(own_key(tmp_path)), range(64)))
    assert len(made) == 1


def test_a_key_that_others_can_read_signs_nothing(tmp_path):
    own_key(tmp_path)
    file = tmp_path / "reporter" / "key.pem"
    file.chmod(0o640)
    with pytest.raises(FileError, match=r"key.pem can be read by others \(mode 640, expected 600"):
        own_key(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "reporter").write_text("a file where the folder should be")
    with pytest.raises(StartError, match=r"the key .*key.pem could not be made"):
        own_key(tmp_path)


def test_the_targets_own_key_is_taken_from_beside_its_file(tmp_path):
    key = Ed25519PrivateKey.generate()
    (tmp_path / "signing.pem").write_bytes(pem(key))
    found = Keys(tmp_path / "state").of(request_with("file:signing.pem", tmp_path))
    assert public_pem(found) == public_pem(key)
    assert not (tmp_path / "state").exists()


def test_the_targets_own_key_is_taken_from_the_environment(tmp_path, monkeypatch):
    key = Ed25519PrivateKey.generate()
    monkeypatch.setenv("REPORTER_KEY", pem(key).decode())
    found = Keys(tmp_path).of(request_with("env:REPORTER_KEY", tmp_path))
    assert public_pem(found) == public_pem(key)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no key", "file:signing.pem is no Ed25519 private key"),
        (pem(X25519PrivateKey.generate()), "file:signing.pem is no Ed25519 private key"),
        (
            pem(Ed25519PrivateKey.generate(), BestAvailableEncryption(b"word")),
            "without a password",
        ),
        (b"", "the secret file:signing.pem is not there"),
    ],
    ids=["text", "another kind", "with a password", "empty"],
)
def test_what_is_no_key_is_named(tmp_path, content, said):
    (tmp_path / "signing.pem").write_bytes(content)
    with pytest.raises(FileError, match=said):
        Keys(tmp_path).of(request_with("file:signing.pem", tmp_path))


def test_the_id_is_what_openssl_and_sha256sum_say(tmp_path):
    key = Ed25519PrivateKey.generate()
    (tmp_path / "reporter.pub").write_bytes(public_pem(key))
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "reporter.der").write_bytes(der)
    summed = subprocess.run(
        ["sha256sum", tmp_path / "reporter.der"], capture_output=True, text=True, check=True
    )
    assert summed.stdout.split()[0] == key_id(read_public(tmp_path / "reporter.pub"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file"),
        (b"", "holds no Ed25519 public key in PEM"),
        (b"\xff" * 100_000, "holds no Ed25519 public key in PEM"),
        (pem(Ed25519PrivateKey.generate()), "holds a private key; expected a public one"),
        (
            X25519PrivateKey.generate()
            .public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            "holds no Ed25519 public key",
        ),
    ],
    ids=["missing", "empty", "noise", "private", "another kind"],
)
def test_a_file_that_holds_no_public_key_is_named(tmp_path, content, said):
    file = tmp_path / "reporter.pub"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(FileError, match=said):
        read_public(file)
