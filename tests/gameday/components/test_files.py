"""The backend `files` beyond the contract: others' documents, ways out, the digest."""

import os

import pytest
from pydantic import ValidationError

from gameday.components.files import Files
from gameday.domain.errors import ChangedByOthersError, ComponentError
from tests.contract.rigs.files import FilesRig, GitFilesRig, RevisionRig
from tests.contract.rigs.git_file import git


@pytest.fixture
def plain(tmp_path):
    return FilesRig(tmp_path)


@pytest.fixture
def in_git(tmp_path):
    return GitFilesRig(tmp_path)


async def test_others_documents_and_their_files_in_our_folders_stay(plain):
    undo = await plain.backend.snapshot(plain.new)
    await plain.backend.change(plain.new, undo)
    (plain.corpus / "theirs.md").write_text("theirs")
    (plain.corpus / "new" / "theirs.md").write_text("theirs")
    await plain.backend.revert(undo, plain.new)
    assert (plain.corpus / "theirs.md").read_text() == "theirs"
    assert [path.name for path in (plain.corpus / "new").iterdir()] == ["theirs.md"]
    assert await plain.backend.verify_reverted(undo) == ""


async def test_a_revert_that_was_cut_short_goes_on(plain):
    before, undo = plain.kept(), await plain.backend.snapshot(plain.new)
    await plain.backend.change(plain.new, undo)
    (plain.corpus / "refund.md").write_text(plain.old["put"]["refund.md"])  # as far as it came
    await plain.backend.revert(undo, plain.new)
    assert plain.kept() == before


async def test_one_document_of_somebody_else_keeps_all_of_them(plain):
    """Nothing is half put back: the other two stay as they are until somebody decides."""
    undo = await plain.backend.snapshot(plain.new)
    await plain.backend.change(plain.new, undo)
    (plain.corpus / "more" / "price.md").write_text("private")
    theirs = plain.kept()
    with pytest.raises(ChangedByOthersError) as told:
        await plain.backend.revert(undo, plain.new)
    assert plain.kept() == theirs
    assert "private" not in told.value.sentence  # a document's text is told to nobody


@pytest.mark.parametrize("name", ["../x.md", "/etc/x", "a/../../x", "link/x.md", "link", ".", ""])
@pytest.mark.parametrize("kind", [FilesRig, GitFilesRig])
async def test_no_document_leads_out_of_the_folder(tmp_path, kind, name):
    rig = kind(tmp_path)
    (tmp_path / "outside").mkdir()
    if kind is FilesRig:
        (rig.corpus / "link").symlink_to(tmp_path / "outside")
    elif name.startswith("link"):
        return
    with pytest.raises(ComponentError):
        await rig.backend.snapshot({"put": {name: "x"}})
    assert list((tmp_path / "outside").iterdir()) == []


async def test_a_file_keeps_its_mode(plain):
    (plain.corpus / "refund.md").chmod(0o640)
    before, undo = plain.kept(), await plain.backend.snapshot(plain.new)
    await plain.backend.change(plain.new, undo)
    assert (plain.corpus / "refund.md").stat().st_mode & 0o777 == 0o640
    await plain.backend.revert(undo, plain.new)
    assert plain.kept() == before


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ({}, "0 documents are touched; expected 1 to 1000"),
        ({"put": {"a": "x"}, "delete": ["a"]}, "a is both put and deleted"),
        ({"put": {"a": 3}}, "is no edit of documents: put.a"),
        ({"putt": {}}, "putt: Extra inputs are not permitted"),
        (7, "7 is no edit of documents"),
        ({"put": {"a": {"text": "x"}}}, "a: a file is put as text, not as columns"),
        ("v1", "a folder that is not under git has no revisions"),
        (None, "is too large to be remembered whole"),
    ],
)
async def test_what_is_no_edit_is_said(plain, to, said):
    with pytest.raises(ComponentError) as told:
        await plain.backend.change(to, await plain.backend.snapshot(to))
    assert said in told.value.sentence


async def test_too_much_to_be_kept_is_refused_before_anything_is_touched(plain):
    edit = {"delete": ["refund.md"]}
    (plain.corpus / "refund.md").write_bytes(b"x" * 8_000_000)
    await plain.backend.snapshot(edit)
    (plain.corpus / "refund.md").write_bytes(b"x" * 8_000_001)
    with pytest.raises(ComponentError, match="have 8,000,001 bytes; at most 8,000,000"):
        await plain.backend.snapshot(edit)


async def test_an_undo_of_other_documents_is_refused(plain):
    undo = await plain.backend.snapshot({"put": {"refund.md": "x"}})
    with pytest.raises(ComponentError, match="other documents were read than the edit touches"):
        await plain.backend.change(plain.new, undo)


async def test_deleting_what_is_not_there_would_prove_nothing(plain):
    assert await plain.backend.ready({"delete": ["gone.md"]}) == (
        "gone.md is not there, so that nothing is deleted"
    )


async def test_a_folder_that_may_not_be_written_is_told_before_anything_is_touched(
    plain, monkeypatch
):
    edit = {"put": {"refund.md": "x", "new/one.md": "y"}}
    assert await plain.backend.ready(edit) == ""
    asked = []

    def access(folder, _mode):
        asked.append(folder)
        return False

    # Not by the folder's mode: whoever runs the tests as root may write anywhere.
    monkeypatch.setattr("gameday.components._folder.os.access", access)
    said = await plain.backend.ready(edit)
    assert "cannot be written: no permission in" in said
    assert asked == [plain.corpus.resolve()]  # the folder that a new one would be made in


async def test_the_digest_is_of_the_content_whatever_the_times_say(plain):
    first = await plain.backend.read()
    assert first.label == "3 documents"
    os.utime(plain.corpus / "refund.md", (1, 1))
    assert await plain.backend.read() == first
    (plain.corpus / "refund.md").rename(plain.corpus / "renamed.md")
    assert (await plain.backend.read()).digest != first.digest
    (plain.corpus / "renamed.md").rename(plain.corpus / "refund.md")
    assert await plain.backend.read() == first
    assert (plain.folder / ".gameday" / "digests").is_dir()


async def test_in_git_others_staged_and_unstaged_work_stays(in_git):
    (in_git.corpus / "draft.md").write_text("draft")
    git(in_git.repository, "add", "corpus/draft.md")
    (in_git.corpus / "more" / "other.bin").write_bytes(b"half done")
    undo = await in_git.backend.snapshot(in_git.new)
    await in_git.backend.change(in_git.new, undo)
    await in_git.backend.revert(undo, in_git.new)
    status = git(in_git.repository, "status", "--porcelain").splitlines()
    assert [line.split() for line in status] == [
        ["A", "corpus/draft.md"],
        ["M", "corpus/more/other.bin"],
    ]
    assert git(in_git.repository, "log", "--format=%an").splitlines() == ["Gameday"] * 2 + ["Ann"]


async def test_in_git_a_commit_that_comes_between_is_built_upon(in_git):
    undo = await in_git.backend.snapshot(in_git.new)
    kept = in_git.backend.kept

    async def too_late(ids):
        seen = await kept(ids)
        if not (in_git.corpus / "theirs.md").exists():
            (in_git.corpus / "theirs.md").write_text("theirs")
            in_git.commit("Theirs")
        return seen

    object.__setattr__(in_git.backend, "kept", too_late)
    await in_git.backend.change(in_git.new, undo)
    subjects = git(in_git.repository, "log", "--format=%s").splitlines()
    assert subjects == ["Set 3 documents by a drill", "Theirs", "First"]
    assert (in_git.corpus / "theirs.md").read_text() == "theirs"


async def test_in_git_work_that_nobody_committed_is_left_alone(in_git):
    undo = await in_git.backend.snapshot(in_git.new)
    (in_git.corpus / "refund.md").write_text("half done")
    before = in_git.kept()
    with pytest.raises(ComponentError, match="has changes that nobody has committed"):
        await in_git.backend.change(in_git.new, undo)
    assert in_git.kept() == before


async def test_a_revision_that_moves_with_the_branch_is_the_one_that_was_read(tmp_path):
    rig = RevisionRig(tmp_path)
    before, undo = rig.kept(), await rig.backend.snapshot("HEAD~1")
    await rig.backend.change("HEAD~1", undo)
    await rig.backend.change("HEAD~1", undo)
    assert (rig.corpus / "refund.md").read_text() == rig.old_text
    await rig.backend.revert(undo, "HEAD~1")
    assert rig.kept() == before


async def test_a_folder_below_the_repositorys_top_is_refused(in_git):
    backend = in_git.backend.model_copy(update={"repository": "docs/corpus", "folder": "more"})
    with pytest.raises(ComponentError, match="is inside a repository; name its top instead"):
        await backend.read()


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"branch": "main"}, "branch and push need repository"),
        ({"push": "origin", "repository": "."}, "push needs branch"),
        ({"reindex": ["x", "{{to}}"]}, "reindex: unknown {{to}}"),
    ],
)
def test_settings_that_belong_together(settings, wrong):
    with pytest.raises(ValidationError) as told:
        Files.model_validate({"folder": "corpus", **settings})
    assert wrong in str(told.value)


async def test_who_last_changed_the_folder_is_told_and_not_who_changed_another(in_git):
    before = await in_git.backend.read()
    assert before.by == "Ann"
    (in_git.repository / "elsewhere").write_text("Bob's")
    git(in_git.repository, "add", "elsewhere")
    git(in_git.repository, "-c", "user.name=Bob", "commit", "--quiet", "-m", "Bob's")
    assert await in_git.backend.read() == before
    (in_git.corpus / "refund.md").write_text("Eva's")
    git(in_git.repository, "-c", "user.name=Eva", "commit", "--quiet", "-am", "Eva's")
    after = await in_git.backend.read()
    assert after.by == "Eva"
    assert after.changed_at >= before.changed_at
    assert after.digest != before.digest


async def test_a_folder_that_nothing_keeps_versions_of_knows_nobody(plain):
    read = await plain.backend.read()
    assert (read.by, read.changed_at) == ("", None)
