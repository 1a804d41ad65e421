"""A file replaced whole: with its mode, and without anything left beside it."""

import pytest

from gameday.components._replacing import forget_cut_short, remove_file, replace_file
from gameday.domain.errors import ComponentError


def test_it_has_the_new_content_and_mode_and_nothing_is_beside_it(tmp_path):
    path = tmp_path / "new" / "a.md"
    for content in (b"one", b"two"):
        replace_file(path, content, mode=0o640)
        assert path.read_bytes() == content
        assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in path.parent.iterdir()] == ["a.md"]


def test_what_was_cut_short_is_ours_and_others_files_are_not(tmp_path):
    path = tmp_path / "a.md"
    for name in (".a.md.gameday", ".a.md.swp", ".a.md.x7y8z9_0"):
        (tmp_path / name).write_text("left")
    replace_file(path, b"new", mode=0o600)
    assert sorted(one.name for one in tmp_path.iterdir()) == [".a.md.swp", ".a.md.x7y8z9_0", "a.md"]
    (tmp_path / ".a.md.gameday").write_text("left")
    forget_cut_short(path)
    forget_cut_short(path)
    assert not (tmp_path / ".a.md.gameday").exists()


def test_what_cannot_be_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ComponentError, match=r"cannot be changed: (Not a|File)"):
        replace_file(tmp_path / "file" / "a.md", b"", mode=0o600)
    (tmp_path / "folder").mkdir()
    with pytest.raises(ComponentError, match="cannot be removed"):
        remove_file(tmp_path / "folder")
