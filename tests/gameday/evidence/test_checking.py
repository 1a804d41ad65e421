"""A bundle is accepted as it was signed, and refused with the changed file's name otherwise."""

import json
import random
import shutil
import zipfile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as TheirEnvelope
from securesystemslib.signer import SSlibKey

from gameday.domain.errors import FileError, RefusedError
from gameday.evidence.bundle import make_bundle
from gameday.evidence.checking import check_bundle
from gameday.evidence.envelope import sign
from gameday.evidence.key import own_key, public_pem, read_public
from gameday.reporting.write import write_reports
from gameday.store.run_folder import RunFolder
from tests.gameday.evidence.sealed import few_samples, files_in, seal, zipped
from tests.gameday.reporting.runs import EVERY_RUN, passing_run
from tests.gameday.reporting.stand_ins import MAKERS


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The folder of a run with few samples, its state, and its bundle's bytes."""
    tmp_path = tmp_path_factory.mktemp("sealed")
    folder, _ = seal(tmp_path, few_samples(passing_run()))
    return folder, tmp_path / "state", folder.bundle_file.read_bytes()


def check(folder, content, tmp_path):
    file = tmp_path / "given.zip"
    file.write_bytes(content)
    return check_bundle(file, read_public(folder.public_key_file))


def refusal(folder, content, tmp_path):
    with pytest.raises(RefusedError) as refused:
        check(folder, content, tmp_path)
    return refused.value.sentence


def flipped(content, bit):
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.parametrize("name", EVERY_RUN)
def test_every_run_leaves_a_bundle_that_is_accepted(name, tmp_path):
    folder, result = seal(tmp_path, EVERY_RUN[name]())
    assert result.artifacts.bundle == str(folder.bundle_file)
    checked = check_bundle(folder.bundle_file, read_public(folder.public_key_file))
    assert checked.key == result.signature.key
    assert (checked.manifest.run, checked.manifest.verdict) == (result.run_id, result.verdict)
    assert not checked.withheld
    files = files_in(folder.bundle_file)
    assert files["result.json"] == folder.result_file.read_bytes()
    assert files["report.html"] == folder.html_file.read_bytes()
    assert {"drill.json", "plan.json", "journal.jsonl", "manifest.json"} <= files.keys()


def test_securesystemslib_accepts_the_envelope_of_a_run(small):
    folder, _, _ = small
    files = files_in(folder.bundle_file)
    envelope = TheirEnvelope.from_dict(json.loads(files["statement.intoto.json"]))
    public = read_public(folder.public_key_file)
    key = SSlibKey.from_crypto(public, keyid=folder.read_result().signature.key)
    assert envelope.verify([key], 1)
    statement = json.loads(envelope.payload)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    assert {one["name"] for one in statement["subject"]} >= {"manifest.json", "report.html"}
    held = {check.kind for check in folder.read_result().checks if check.held == "yes"}
    assert {name.split()[0] for name in statement["predicate"]["passedTests"]} == held


@pytest.mark.parametrize(
    ("run", "result"),
    [("passing", "PASSED"), ("failing", "FAILED"), ("inconclusive", "WARNED"),
     ("aborted", "WARNED"), ("refused", "WARNED")],
)  # fmt: skip
def test_the_predicate_says_the_verdict_in_its_own_words(run, result, tmp_path):
    folder, _ = seal(tmp_path, EVERY_RUN[run]())
    envelope = json.loads(files_in(folder.bundle_file)["statement.intoto.json"])
    statement = json.loads(TheirEnvelope.from_dict(envelope).payload)
    assert statement["predicate"]["result"] == result


def test_any_flipped_bit_of_any_file_is_refused_and_the_file_named(small, tmp_path):
    folder, _, content = small
    draw = random.Random(5)
    with zipfile.ZipFile(folder.bundle_file) as archive:
        entries = archive.infolist()
        assert len(entries) >= 9
        for entry in entries:
            begin = content.index(archive.read(entry), entry.header_offset)
            assert entry.file_size, entry.filename
            last = 8 * entry.file_size - 1
            for bit in {0, last, *(draw.randint(0, last) for _ in range(20))}:
                changed = flipped(content, 8 * begin + bit)
                assert entry.filename in refusal(folder, changed, tmp_path), (entry, bit)


@given(data=st.data())
def test_any_flipped_bit_of_the_archive_is_refused(small, tmp_path_factory, data):
    folder, _, content = small
    bit = data.draw(st.integers(0, 8 * len(content) - 1))
    assert refusal(folder, flipped(content, bit), tmp_path_factory.getbasetemp())


def test_every_bit_around_the_files_counts_too(small, tmp_path):
    """Of the archive's directory and of one heading, every byte."""
    folder, _, content = small
    with zipfile.ZipFile(folder.bundle_file) as archive:
        begin, second = archive.start_dir, archive.infolist()[1]
    directory = range(begin, len(content), 3)
    heading = range(second.header_offset, second.header_offset + 30 + len(second.filename))
    for number, byte in enumerate((*directory, *heading)):
        assert refusal(folder, flipped(content, 8 * byte + number % 8), tmp_path), byte


def test_what_is_cut_off_or_put_after_it_is_refused(small, tmp_path):
    folder, _, content = small
    for changed in (
        content[:-1],
        content[: len(content) // 2],
        b"",
        content + b"\0",
        b"x" + content,
    ):
        assert refusal(folder, changed, tmp_path)


@pytest.mark.parametrize("gone", ["report.html", "samples/0.columns", "manifest.json",
                                  "statement.intoto.json", "drill.json"])  # fmt: skip
def test_a_file_that_is_missing_is_named(small, tmp_path, gone):
    folder, _, _ = small
    files = files_in(folder.bundle_file)
    del files[gone]
    assert f"{gone} is missing" in refusal(folder, zipped(files), tmp_path)


def test_a_file_that_was_added_is_named(small, tmp_path):
    folder, _, _ = small
    files = files_in(folder.bundle_file) | {"addendum.txt": b"all was well"}
    assert "addendum.txt was added" in refusal(folder, zipped(files), tmp_path)


def test_a_verdict_that_was_changed_in_all_places_is_refused(small, tmp_path):
    """Whoever also mends manifest and statement cannot sign the statement."""
    folder, _, _ = small
    files = files_in(folder.bundle_file)
    forged = {name: content.replace(b"passed", b"failed") for name, content in files.items()}
    statement = TheirEnvelope.from_dict(json.loads(files["statement.intoto.json"])).payload
    other = sign(statement.replace(b"PASSED", b"FAILED"), Ed25519PrivateKey.generate())
    forged["statement.intoto.json"] = other.as_bytes()
    said = refusal(folder, zipped(forged), tmp_path)
    assert "statement.intoto.json is not signed by this key" in said
    assert f"said to be signed by key {other.key}" in said


def test_another_archiver_and_a_packed_one_are_told_apart_from_ours(small, tmp_path):
    folder, _, _ = small
    files = files_in(folder.bundle_file)
    assert "heading of" in refusal(folder, zipped(files), tmp_path)  # same files, another clock
    packed = zipped(files, zipfile.ZIP_DEFLATED)
    assert "is compressed" in refusal(folder, packed, tmp_path)


def test_the_wrong_key_is_said_to_be_another(small, tmp_path):
    folder, _, _ = small
    other = tmp_path / "other.pub"
    other.write_bytes(public_pem(Ed25519PrivateKey.generate()))
    with pytest.raises(RefusedError, match=r"said to be signed by key [0-9a-f]{64}; the key given"):
        check_bundle(folder.bundle_file, read_public(other))


def test_a_bundle_that_is_not_there_is_no_forgery(small, tmp_path):
    folder, _, _ = small
    with pytest.raises(FileError, match="cannot be read: No such file"):
        check_bundle(tmp_path / "none.zip", read_public(folder.public_key_file))


def test_the_same_run_and_key_give_the_same_bytes(small, tmp_path):
    folder, state, content = small
    again = make_bundle(folder, folder.read_result(), own_key(state), to=tmp_path / "again.zip")
    assert again.file.read_bytes() == content


def test_samples_that_are_withheld_are_told_and_not_there(small, tmp_path):
    folder, state, content = small
    made = make_bundle(
        folder, folder.read_result(), own_key(state), to=tmp_path / "b.zip", without_samples=True
    )
    checked = check_bundle(made.file, read_public(made.public_key))
    files = files_in(made.file)
    assert "samples/0.columns" in checked.withheld
    assert not [name for name in files if name.startswith(("samples/", "calls/", "served/"))]
    whole = check(folder, content, tmp_path).manifest.files
    for name in checked.withheld:
        assert checked.manifest.files[name].sha256 == whole[name].sha256
    files["samples/0.columns"] = b"something else"
    assert "samples/0.columns was added" in refusal(folder, zipped(files), tmp_path)


def test_an_unpacked_bundle_can_be_judged_again(small, tmp_path):
    folder, _, _ = small
    with zipfile.ZipFile(folder.bundle_file) as archive:
        archive.extractall(tmp_path / "7Q2K")
    unpacked = RunFolder(tmp_path / "7Q2K")
    again = write_reports(unpacked, unpacked.read_record(), unpacked.read_samples(), MAKERS)
    same = {"artifacts", "signature"}
    assert again.model_dump(exclude=same) == folder.read_result().model_dump(exclude=same)


def test_a_journal_that_was_signed_broken_is_named(small, tmp_path):
    folder, state, _ = small
    copy = tmp_path / "copy"
    shutil.copytree(folder.path, copy)
    broken = type(folder)(copy)
    lines = broken.journal_file.read_bytes().splitlines(keepends=True)
    broken.journal_file.write_bytes(b"".join([lines[0], *lines[2:]]))
    made = make_bundle(broken, broken.read_result(), own_key(state))
    with pytest.raises(RefusedError, match=r"journal.jsonl was signed with a broken chain: line 2"):
        check_bundle(made.file, read_public(made.public_key))
