"""`gameday bundle` makes what `gameday verify` accepts, with no run and no network about."""

import json
import shutil

from gameday.cli.main import main
from tests.gameday.evidence.sealed import seal


def test_a_bundle_is_made_and_verified_from_elsewhere(tmp_path, capsys, monkeypatch):
    folder, result = seal(tmp_path)
    monkeypatch.chdir(tmp_path)
    argv = ["bundle", "7Q2K", "--runs", "runs", "--state", "state", "--out", "sent/b.zip"]
    assert main([*argv, "--without-samples"]) == 0
    assert "gameday verify sent/b.zip --key sent/reporter.pub" in capsys.readouterr().out
    shutil.rmtree(folder.path)
    assert main(["verify", "sent/b.zip", "--key", "sent/reporter.pub"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("SIGNED   run 7Q2K, provider-outage on lab/lab: PASSED")
    assert f"signed by   key {result.signature.key}" in said
    assert "withheld    " in said
    assert "asked for by ana, approved by nobody" in said


def test_verify_in_json_is_one_document(tmp_path, capsys):
    folder, result = seal(tmp_path)
    argv = ["verify", str(folder.bundle_file), "--key", str(folder.public_key_file), "--json"]
    assert main(argv) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["signed"], document["key"]) == (True, result.signature.key)
    assert document["verdict"] == "passed"
    assert document["files"]["report.html"]["bytes"] == folder.html_file.stat().st_size


def test_a_changed_bundle_ends_with_6_and_names_the_file(tmp_path, capsys):
    folder, _ = seal(tmp_path)
    content = folder.bundle_file.read_bytes()
    changed = content.replace(b"# PASSED", b"# FAILED", 1)
    assert changed != content
    folder.bundle_file.write_bytes(changed)
    argv = ["verify", str(folder.bundle_file), "--key", str(folder.public_key_file), "--json"]
    assert main(argv) == 6
    said = json.loads(capsys.readouterr().out)
    assert said["verdict"] == "refused"
    assert "report.md is not what was signed" in said["reason"]


def test_a_run_without_a_result_has_no_bundle(tmp_path, capsys):
    folder, _ = seal(tmp_path)
    folder.result_file.unlink()
    assert main(["bundle", "7Q2K", "--runs", str(tmp_path / "runs")]) == 6
    assert "run 7Q2K is not closed" in capsys.readouterr().err


def test_judging_again_signs_again(tmp_path, capsys):
    seal(tmp_path)
    argv = ["judge", "7Q2K", "--runs", str(tmp_path / "runs"), "--state", str(tmp_path / "other")]
    main([*argv, "--json"])
    judged = json.loads(capsys.readouterr().out)
    verify = ["verify", judged["artifacts"]["bundle"], "--key", judged["artifacts"]["public_key"]]
    assert main(verify) == 0
    assert judged["signature"]["key"] in capsys.readouterr().out


def test_a_key_that_cannot_be_had_costs_the_bundle_and_not_the_report(tmp_path, capsys):
    folder, _ = seal(tmp_path)
    (tmp_path / "state" / "reporter" / "key.pem").chmod(0o644)
    argv = ["judge", "7Q2K", "--runs", str(tmp_path / "runs"), "--state", str(tmp_path / "state")]
    main([*argv, "--json"])
    judged = json.loads(capsys.readouterr().out)
    assert judged["artifacts"]["bundle"] is None
    assert "can be read by others" in judged["signature"]["missing"]
    assert "nothing is signed: " in folder.markdown_file.read_text()
