"""Each benchmark rewrites its own section of one file."""

import pytest

from bench import results


@pytest.fixture
def file(tmp_path):
    return tmp_path / "RESULTS.md"


def test_a_section_is_written_anew_and_the_others_stay_as_they_are(file):
    results.write_section("gate", "# Gate\n\nold\n", file)
    results.write_section("load", "# Load\n\n```\n# a comment in a command\n```\n", file)
    before = results.read_sections(file)["load"]
    results.write_section("gate", "# Gate\n\nnew\n", file)
    assert list(results.read_sections(file)) == ["gate", "load"]
    assert results.read_sections(file)["load"] == before
    assert results.read_sections(file)["gate"] == "# Gate\n\nnew\n\n"
    assert "old" not in file.read_text()


def test_writing_the_same_again_changes_nothing(file):
    results.write_section("gate", "# Gate\n", file)
    results.write_section("load", "# Load\n", file)
    before = file.read_text()
    results.write_section("gate", "# Gate\n", file)
    assert file.read_text() == before


def test_text_of_nobody_is_not_thrown_away(file):
    file.write_text("# By hand\n<!-- bench: gate -->\n# Gate\n")
    with pytest.raises(ValueError, match="belongs to no section"):
        results.write_section("gate", "# Gate\n", file)


def test_the_file_of_this_checkout_can_be_read():
    assert "gate" in results.read_sections()
