"""`gameday key new`: a key that only its owner can read, and the line for the policy."""

import json
import subprocess

import pytest

from gameday.catalog.files import load_policy
from gameday.cli.main import main
from gameday.domain.errors import FileError
from gameday.evidence.key import read_private
from gameday.identity.key import public_text


def test_a_new_key_and_the_line_that_the_policy_needs(tmp_path, capsys):
    file = tmp_path / "keys" / "dana.pem"
    assert main(["key", "new", "dana", "--out", str(file), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert file.stat().st_mode & 0o777 == 0o600
    assert made["text"] == public_text(read_private(file).public_key())
    # As a stranger's tool sees it: the middle line of the public PEM.
    argv = ["openssl", "pkey", "-in", str(file), "-pubout"]
    shown = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert shown.splitlines()[1] == made["text"]
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        "policy: tests\npeople:\n"
        f"  dana: {{roles: [start, approve], known_by: {{key: {made['text']}}}}}\n"
    )
    assert load_policy(policy).people["dana"].known_by == {"key": made["text"]}


def test_a_key_is_not_written_over(tmp_path, capsys):
    file = tmp_path / "dana.pem"
    assert main(["key", "new", "dana", "--out", str(file)]) == 0
    before = file.read_bytes()
    assert main(["key", "new", "dana", "--out", str(file)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert file.read_bytes() == before


def test_a_key_that_others_can_read_signs_nothing(tmp_path):
    file = tmp_path / "dana.pem"
    main(["key", "new", "dana", "--out", str(file)])
    file.chmod(0o644)
    with pytest.raises(FileError, match="mode 644, expected 600"):
        read_private(file)
    with pytest.raises(FileError, match="cannot be read"):
        read_private(tmp_path / "nowhere.pem")
