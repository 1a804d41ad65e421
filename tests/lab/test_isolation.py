"""`gameday doctor --isolation` on real labs: the healthy one is clean, each defect leaks."""

import json
from pathlib import Path

import pytest

from gameday.cli.main import main
from tests.lab.practice_lab import RunningLab, StartLab


def looked_at(lab: RunningLab, state: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """The finding of each place that was declared, and the command's exit code."""
    argv = ["doctor", "--isolation", "--target", lab.state.target_file, "--state", str(state)]
    code = main([*argv, "--json"])
    document = json.loads(capsys.readouterr().out)
    assert document["exit_code"] == code
    findings = {place["name"]: place["finding"] for place in document["places"]}
    return {**findings, "code": str(code), "acting": document["acting"]}


def test_a_healthy_lab_is_proven(
    lab: RunningLab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = looked_at(lab, tmp_path, capsys)
    assert seen["tickets"] == seen["sandbox-tickets"] == seen["conversations"] == "isolated"
    assert seen["code"] == "0"
    assert seen["acting"] == ""
    assert {seen[name] for name in ("metrics", "spend", "caches", "traces")} == {"unproven"}
    assert (tmp_path / "isolation" / "lab.lab.json").exists()


def test_a_customers_ticket_is_real_and_found(lab: RunningLab) -> None:
    lab.ask("Please open a ticket about order TW-1042: canary-of-a-customer")
    tool = tickets_of(lab)
    assert lab.http.get(tool.replace("{{canary}}", "canary-of-a-customer")).json() == {"count": 1}


def tickets_of(lab: RunningLab) -> str:
    text = Path(lab.state.target_file).read_text()
    return next(line.split()[-1] for line in text.splitlines() if "tickets/real" in line)


@pytest.mark.parametrize(
    ("defect", "leaks", "keeps_clean"),
    [
        ("tool_really_acts", "tickets", "conversations"),
        ("pollutes_store", "conversations", "tickets"),
    ],
)
def test_a_defect_leaks_by_the_line_that_names_it(
    start_lab: StartLab,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    defect: str,
    leaks: str,
    keeps_clean: str,
) -> None:
    seen = looked_at(start_lab("--defect", defect), tmp_path, capsys)
    assert seen[leaks] == "leaked"
    assert seen[keeps_clean] == "isolated"
    assert seen["code"] == "6"
    assert bool(seen["acting"]) == (defect == "tool_really_acts")
