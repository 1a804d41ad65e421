"""A file is written whole or stays as it was."""

import errno
import os
import tempfile
from pathlib import Path

import pytest

from gameday.domain.errors import StartError
from gameday.store.atomic import write_whole


def test_it_makes_the_folder_and_the_file(tmp_path):
    write_whole(tmp_path / "new" / "file", b"content")
    assert (tmp_path / "new" / "file").read_bytes() == b"content"


def test_a_full_disk_leaves_the_last_good_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "record.json"
    write_whole(path, b"good")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StartError, match=r"record\.json could not be written: No space left"):
        write_whole(path, b"never")
    assert path.read_bytes() == b"good"
    assert [file.name for file in tmp_path.iterdir()] == ["record.json"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_really_full_device_is_told_in_one_sentence(tmp_path, monkeypatch):
    path = tmp_path / "record.json"
    write_whole(path, b"good")
    # The temporary file is one that takes no byte, as on a full disk.
    monkeypatch.setattr(
        tempfile, "mkstemp", lambda **_: (os.open("/dev/full", os.O_WRONLY), str(tmp_path / "t"))
    )
    with pytest.raises(StartError, match="No space left on device; what was there is untouched"):
        write_whole(path, b"never")
    assert path.read_bytes() == b"good"
