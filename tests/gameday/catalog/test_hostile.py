"""Shipped files that were spoilt at random: there is a drill, or one sentence, and nothing else."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gameday.catalog.files import drill_names, load_drill, load_policy, load_target
from gameday.catalog.suite_files import load_suite
from gameday.domain.drill import Drill
from gameday.domain.errors import FileError
from gameday.domain.verdict import ExitCode

DRILLS = [path.read_text() for _, _, path in drill_names()]
PIECES = st.sampled_from(
    [*"{}[]:,-#&*!|>'\"%@` \n\t0x9", "\n  - ", ": ", "~", ".nan", "-1", "1e9", "<<: *a", "settings"]
) | st.text(max_size=4)


@st.composite
def spoilt_drills(draw: st.DrawFn) -> str:
    """A shipped drill of which up to four stretches were cut, doubled or written over."""
    text = draw(st.sampled_from(DRILLS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 30)))
        twice = text[start:end] if draw(st.booleans()) else ""
        text = text[:start] + twice + draw(PIECES) + twice + text[end:]
    return text


def refused_or_loaded(path: Path) -> FileError | Drill:
    try:
        return load_drill(path)
    except FileError as error:
        return error


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=spoilt_drills())
def test_a_spoilt_drill_is_a_drill_or_one_sentence(tmp_path, text):
    path = tmp_path / "spoilt.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    found = refused_or_loaded(path)
    if isinstance(found, Drill):
        assert Drill.model_validate_json(found.model_dump_json()) == found
        return
    assert found.exit_code is ExitCode.BAD_FILE
    assert found.sentence.startswith(f"{path}:")
    assert len(found.sentence.splitlines()) == 1
    assert found.next_step == "gameday schema drill"
    shown, caret = found.excerpt.split("\n")
    assert caret.strip(" |^") == ""
    assert shown.index("|") == caret.index("|")


@pytest.mark.parametrize("load", [load_drill, load_target, load_policy, load_suite])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "found nothing; expected a mapping of keys"),
        (b"\x7fELF\x02\x01\x01\x00\x00\x00", ""),
        (b"\x89PNG\r\n\x1a\n", "found byte 0x89; expected UTF-8 text"),
        (b"a: " + 3000 * b"[", "found more than 20 levels of nesting"),
        (b"a: &a [x]\nb: *a\n", "found anchor &a"),
        (b"a: 1\n---\na: 2\n", "found a second document; expected one"),
    ],
    ids=["empty", "program", "picture", "nested", "alias", "two documents"],
)
def test_every_loader_refuses_what_is_no_file_of_its_kind(load, content, said, tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(content)
    with pytest.raises(FileError) as told:
        load(path)
    assert told.value.sentence.startswith(f"{path}:")
    assert said in told.value.sentence


@pytest.mark.parametrize("load", [load_drill, load_target, load_policy, load_suite])
def test_every_loader_refuses_what_is_not_there(load, tmp_path):
    with pytest.raises(FileError, match=r"does not exist; expected a YAML file"):
        load(tmp_path / "none.yaml")
    with pytest.raises(FileError, match=r"is not a regular file; expected a YAML file"):
        load(tmp_path)
