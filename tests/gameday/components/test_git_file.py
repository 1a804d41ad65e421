"""The backend `git_file` beyond the contract: whose work is left alone, and what a crash leaves."""

import sys

import pytest
from pydantic import ValidationError

from gameday.components.git_file import GitFile
from gameday.domain.errors import ChangedByOthersError, ComponentError, ComponentUnreachableError
from tests.contract.rigs.git_file import CONFIG, GitRemoteRig, GitRig, git


@pytest.fixture
def local(tmp_path):
    return GitRig(tmp_path)


@pytest.fixture
def pushed(tmp_path):
    return GitRemoteRig(tmp_path)


def subjects(folder, branch="main"):
    return git(folder, "log", "--format=%s", branch).splitlines()


async def changed(rig):
    undo = await rig.backend.snapshot()
    await rig.backend.change(rig.new, undo)
    return undo


async def test_a_change_and_its_revert_are_two_commits_that_say_what_they_do(local):
    undo = await changed(local)
    assert local.file.read_text() == CONFIG.replace("heron-4 ", "heron-4-2026-08 ")
    await local.backend.revert(undo, local.new)
    assert subjects(local.repository) == [
        "Put aliases.answers in router/aliases.yaml back to heron-4",
        "Set aliases.answers in router/aliases.yaml to heron-4-2026-08",
        "First",
    ]
    said = git(local.repository, "log", "-1", "--format=%an: %b", "main~1")
    assert said == "Gameday: It was heron-4."


async def test_the_reload_is_run_after_each_and_again_when_in_doubt(local):
    undo = await changed(local)
    assert (local.folder / "reloads").read_text() == "x"
    await local.backend.revert(undo, local.new)
    await local.backend.revert(undo, local.new)
    assert (local.folder / "reloads").read_text() == "xxx"


async def test_others_edits_of_the_same_file_and_of_others_stay(local):
    undo = await changed(local)
    theirs = local.file.read_text() + "    new: theirs\n"
    local.file.write_text(theirs)
    git(local.repository, "commit", "--quiet", "-am", "Theirs")
    (local.repository / "note").write_text("half done")
    git(local.repository, "add", "note")
    await local.backend.revert(undo, local.new)
    assert local.file.read_text() == theirs.replace("heron-4-2026-08 ", "heron-4 ")
    assert await local.backend.verify_reverted(undo) == ""
    assert git(local.repository, "status", "--porcelain") == "A  note"
    assert git(local.repository, "show", "--stat", "--format=", "HEAD").count("|") == 1


@pytest.mark.parametrize("staged", [False, True])
async def test_work_that_nobody_committed_is_neither_committed_nor_lost(local, staged):
    undo = await local.backend.snapshot()
    theirs = local.file.read_text() + "    half: done\n"
    local.file.write_text(theirs)
    if staged:
        git(local.repository, "add", "router")
        local.file.write_text(CONFIG)
    before = local.kept()
    with pytest.raises(ComponentError, match="has changes that nobody has committed; they are"):
        await local.backend.change(local.new, undo)
    assert local.kept() == before
    assert subjects(local.repository) == ["First"]


async def test_work_begun_after_the_change_stands_in_the_way_of_the_work_tree_alone(local):
    """The revert is committed; the file that somebody is editing is left to them, and said."""
    undo = await changed(local)
    theirs = local.file.read_text() + "    half: done\n"
    local.file.write_text(theirs)
    with pytest.raises(ComponentError, match="nobody has committed"):
        await local.backend.revert(undo, local.new)
    assert local.file.read_text() == theirs
    assert await local.backend.verify_reverted(undo) != ""


@pytest.mark.parametrize("then", ["change", "revert"])
async def test_a_crash_between_commit_and_work_tree_is_made_good(local, then):
    before = local.kept()
    undo = await changed(local)
    # As it stands when the branch has moved, and nothing else has been done.
    local.file.write_text(CONFIG)
    old = git(local.repository, "rev-parse", "main~1:router/aliases.yaml")
    git(local.repository, "update-index", "--cacheinfo", f"100644,{old},router/aliases.yaml")
    assert (await local.backend.verify(local.new)).endswith("is heron-4, not heron-4-2026-08")
    if then == "change":
        await local.backend.change(local.new, undo)
        assert await local.backend.verify(local.new) == ""
    await local.backend.revert(undo, local.new)
    assert await local.backend.verify_reverted(undo) == ""
    assert local.kept() == before


async def test_a_branch_that_is_not_checked_out_is_changed_without_the_work_tree(local):
    git(local.repository, "switch", "--quiet", "-c", "work")
    backend = local.backend.model_copy(update={"branch": "main"})
    undo = await backend.snapshot()
    await backend.change(local.new, undo)
    assert await backend.verify(local.new) == ""
    assert local.file.read_text() == CONFIG
    assert git(local.repository, "status", "--porcelain") == ""
    assert subjects(local.repository, "work") == ["First"]


async def test_a_commit_that_comes_between_is_built_upon(local):
    undo, held = await local.backend.snapshot(), local.backend.held
    (local.repository / "note").write_text("theirs")
    git(local.repository, "add", "note")

    async def too_late():
        seen = await held()
        git(local.repository, "commit", "--quiet", "-m", "Theirs", check=False)
        return seen

    object.__setattr__(local.backend, "held", too_late)
    await local.backend.change(local.new, undo)
    assert subjects(local.repository)[1:] == ["Theirs", "First"]
    assert (local.repository / "note").read_text() == "theirs"


async def test_a_push_that_comes_between_is_built_upon_and_never_forced(pushed):
    undo, held = await pushed.backend.snapshot(), pushed.backend.held
    anns = pushed.folder / "anns"

    async def too_late():
        seen = await held()
        if not (anns / "note").exists():
            (anns / "note").write_text("theirs")
            git(anns, "add", "note")
            git(anns, "commit", "--quiet", "-m", "Theirs")
            git(anns, "push", "--quiet")
        return seen

    object.__setattr__(pushed.backend, "held", too_late)
    await pushed.backend.change(pushed.new, undo)
    assert subjects(pushed.remote)[1:] == ["Theirs", "First"]
    assert subjects(pushed.repository) == ["First"]  # the clone is left alone
    assert pushed.file.read_text() == CONFIG


async def test_a_remote_that_refuses_a_push_is_heard(pushed):
    undo = await pushed.backend.snapshot()
    hook = pushed.remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(ComponentError, match="git ended with 1"):
        await pushed.backend.change(pushed.new, undo)
    assert subjects(pushed.remote) == ["First"]


async def test_a_login_in_the_remotes_address_is_not_told(pushed):
    git(pushed.repository, "remote", "set-url", "origin", "https://ann:pa55word@127.0.0.1:1/x.git")
    with pytest.raises(ComponentUnreachableError) as told:
        await pushed.backend.read()
    assert "pa55word" not in told.value.sentence
    assert "127.0.0.1" in told.value.sentence


async def test_the_style_of_the_old_value_comes_back_as_it_was(local):
    local.file.write_text(CONFIG.replace("heron-4 ", "'heron-4' "))
    git(local.repository, "commit", "--quiet", "-am", "Quoted")
    before, undo = local.kept(), await local.backend.snapshot()
    await local.backend.change(7, undo)
    assert await local.backend.verify(7) == ""
    assert await local.backend.verify("7") != ""
    await local.backend.revert(undo, 7)
    assert local.kept() == before


async def test_somebody_elses_value_is_named(local):
    undo = await changed(local)
    local.set_by_others()
    with pytest.raises(ChangedByOthersError) as told:
        await local.backend.revert(undo, local.new)
    assert told.value.sentence.startswith(
        "aliases.answers in router/aliases.yaml is somebody-elses: neither heron-4-2026-08"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("aliases: {}", "aliases.answers is there 0 times; expected once"),
        ("aliases: {answers: a, answers: b}", "is there 2 times"),
        ("aliases: {answers: [a]}", "is no value on one line"),
        ("aliases:\n  answers: |\n    a", "is no value on one line"),
        ("a: &x b\naliases: {answers: *x}", "is no value on one line"),
        ("aliases: {answers: &x b}", "has an anchor or a tag"),
        ("aliases: {answers: b", "it is not valid YAML or JSON"),
        ("aliases: {answers: b}\n---\na: b", "it has several documents; expected one"),
        ("? [a]\n: b", "it has a mapping, list or alias as a key"),
        ("\xff", "is not UTF-8"),
    ],
)
async def test_a_file_without_one_plain_value_there_is_refused(local, content, said):
    local.file.write_bytes(content.encode("latin-1"))
    git(local.repository, "commit", "--quiet", "-am", "Odd")
    with pytest.raises(ComponentError) as told:
        await local.backend.snapshot()
    assert told.value.sentence.startswith("router/aliases.yaml")
    assert said in told.value.sentence


async def test_a_file_that_is_executable_or_private_stays_so(local):
    local.file.chmod(0o700)
    git(local.repository, "commit", "--quiet", "-am", "Executable")
    undo = await changed(local)
    assert local.file.stat().st_mode & 0o777 == 0o700
    assert git(local.repository, "status", "--porcelain") == ""
    await local.backend.revert(undo, local.new)
    assert git(local.repository, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"push": "origin"}, "push needs branch"),
        ({"file": "../etc/passwd"}, "expected a path inside the repository"),
        ({"file": "/etc/passwd"}, "should match pattern"),
        ({"branch": "--upload-pack=x"}, "should match pattern"),
        ({"push": "--force", "branch": "main"}, "should match pattern"),
        ({"reload": ["x", "{{to}}"]}, "reload: unknown {{to}}"),
        ({"ready": ["x", "{{from}}"]}, "ready: unknown {{from}}"),
    ],
)
def test_what_cannot_work_or_would_reach_elsewhere_is_refused(settings, wrong):
    with pytest.raises(ValidationError) as told:
        GitFile.model_validate({"file": "a.yaml", "path": "a.b", **settings})
    assert wrong in str(told.value)


async def test_a_standby_is_asked_by_a_command(local):
    failing = (sys.executable, "-c", "import sys; sys.exit('gone since May')", "{{to}}")
    backend = local.backend.model_copy(update={"ready_argv": failing})
    said = await backend.ready("heron-3")
    assert said.startswith("heron-3 is not to be had: ")
    assert said.endswith("ended with 1: gone since May")


async def test_who_set_the_value_is_told_and_not_who_wrote_elsewhere_in_the_file(local):
    first = await local.backend.read()
    assert (first.label, first.by) == ("heron-4", "Ann")
    local.set_by_others()
    theirs = await local.backend.read()
    assert (theirs.label, theirs.by) == (local.foreign, "Ann")
    when = {"GIT_COMMITTER_DATE": "2026-11-29T10:00:00+01:00"}
    local.file.write_text(local.file.read_text() + "    new: theirs\n")
    git(local.repository, "-c", "user.name=Bob", "commit", "--quiet", "-am", "Bob's", env=when)
    assert await local.backend.read() == theirs
    local.file.write_text(CONFIG)
    git(local.repository, "-c", "user.name=Eva", "commit", "--quiet", "-am", "Eva's", env=when)
    back = await local.backend.read()
    assert (back.by, back.digest) == ("Eva", first.digest)
    assert back.changed_at.isoformat() == "2026-11-29T10:00:00+01:00"


async def test_of_what_was_merged_the_merge_is_told(local):
    git(local.repository, "checkout", "--quiet", "-b", "aside")
    local.set_by_others()
    git(local.repository, "checkout", "--quiet", "main")
    merge = ("-c", "user.name=Max", "merge", "--quiet", "--no-ff", "-m", "Merged", "aside")
    git(local.repository, *merge)
    assert (await local.backend.read()).by == "Max"


async def test_after_many_others_in_the_file_nobody_knows_who(local, monkeypatch):
    monkeypatch.setattr("gameday.components.git_file._TOUCHES_MAX", 3)
    for number in range(3):
        local.file.write_text(f"{CONFIG}    new{number}: theirs\n")
        git(local.repository, "commit", "--quiet", "-am", "Theirs")
    read = await local.backend.read()
    assert (read.label, read.by, read.changed_at) == ("heron-4", "", None)
