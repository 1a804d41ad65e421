"""`gameday gate` against a small system: inside, outside, undecided, nothing to compare with."""

import json
import shutil

import pytest

from gameday.cli.main import main
from tests.gameday.cli.small_shop import Door, door

__all__ = ["door"]  # the fixture
FAST = ["--rate", "300/s"]


@pytest.fixture
def recorded(door, capsys):
    """How the system answers, 40 times each case."""
    assert main(["record", "--per-case", "40", *FAST]) == 0
    capsys.readouterr()
    return door


def gated(capsys, *more):
    code = main(["gate", *FAST, *more])
    told = capsys.readouterr()
    return code, told.out, told.err


def document(capsys, *more):
    code, out, err = gated(capsys, *more, "--json")
    found = json.loads(out)
    assert found["exit_code"] == code
    return found, err


def test_a_system_as_it_was_is_inside_and_the_budget_is_said_before(recorded, capsys):
    found, err = document(capsys)
    assert (found["word"], found["exit_code"]) == ("INSIDE, NO CHANGE SEEN", 0)
    assert found["difference"] == 0
    assert err.splitlines()[0] == (
        "asking shop/staging at most 400 requests (100 rounds of 4 cases), at most 0.0 min at "
        "300/s, at most $8.0000"
    )
    assert found["requests"] < found["budget"]["requests_max"] == 400  # it ends when it is sure
    assert found["cost_usd"] == pytest.approx(found["requests"] * 50e-6)


def test_other_answers_that_are_as_good_are_changed_and_inside(recorded, capsys):
    Door.texts = ("You have 14 days for that.",)
    code, out, _ = gated(capsys)
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("INSIDE, CHANGED   shop/staging is as good as recorded: quality 0 ")
    assert lines[1].startswith("  changed?    yes: evidence ")
    assert lines[-1].endswith("gameday record --accept --because '...'")


def test_a_worse_system_is_outside_after_a_few_requests(recorded, capsys):
    Door.texts = ("Nobody can say for sure.",)
    found, _ = document(capsys)
    assert (found["verdict"], found["exit_code"]) == ("OUTSIDE", 1)
    assert found["requests"] <= 60
    assert "is worse than the suite accepts: quality 100 points below" in found["reason"]
    assert found["next"].startswith("do not deploy; ")


def test_too_few_requests_are_undecided_and_never_a_pass(recorded, capsys):
    found, _ = document(capsys, "--requests", "11")
    assert (found["verdict"], found["exit_code"], found["requests"]) == ("UNDECIDED", 3, 8)
    assert "cannot be told from so few answers" in found["reason"]
    assert found["next"].startswith("ask more with --requests: about ")


def test_a_system_that_answers_nobody_is_not_asked_on(recorded, capsys):
    Door.texts = ()
    found, _ = document(capsys)
    assert (found["verdict"], found["exit_code"], found["requests"]) == ("UNDECIDED", 3, 20)
    assert found["problem"].startswith("none of 20 requests got an answer (20 ")
    assert found["next"] == "gameday doctor"


def test_what_it_stands_at_is_compared_with_what_was_recorded(door, capsys):
    prompt = '{backend: command, read: [cat, prompt], change: [tee, prompt, "{{to}}"]}'
    with (door / "gameday.yaml").open("a") as target:
        target.write(f"components: {{prompt: {prompt}}}\n")
    (door / "prompt").write_text("support-v3")
    assert main(["record", "--per-case", "40", *FAST]) == 0
    (door / "prompt").write_text("support-v4")
    Door.texts = ("No.",)
    code, out, _ = gated(capsys)
    assert code == 1
    assert "  stands at   prompt support-v3 -> support-v4" in out
    assert "do not deploy; look at the prompt" in out


def test_a_recording_that_lies_elsewhere_is_compared_with(recorded, capsys, tmp_path):
    kept = recorded / ".gameday" / "references" / "shop.staging.shop.json"
    shutil.copy(kept, tmp_path / "reference.json")
    shutil.rmtree(recorded / ".gameday")
    code, document, _ = gated(capsys, "--json")
    assert code == 6
    assert "was never recorded here" in json.loads(document)["reason"]
    assert gated(capsys, "--reference", str(tmp_path / "reference.json"))[0] == 0


def test_a_suite_that_is_another_one_cannot_be_compared(recorded, capsys):
    text = (recorded / "suite.yaml").read_text()
    (recorded / "small.yaml").write_text(text.replace("suite: shop", "suite: small"))
    assert gated(capsys, "--suite", "small.yaml")[0] == 6
    assert main(["record", "--suite", "small.yaml", "--per-case", "40", *FAST]) == 0
    capsys.readouterr()
    assert gated(capsys, "--suite", "small.yaml")[0] == 0
    (recorded / "suite.yaml").write_text(f"{text}# edited\n")
    code, _, err = gated(capsys)
    assert code == 6
    assert "the suite shop was changed since" in err


def test_less_than_a_round_is_refused_before_anything_is_asked(recorded, capsys):
    code, _, err = gated(capsys, "--requests", "3")
    assert code == 2
    assert "one round of the suite shop takes 4 requests, and at most 3 may be asked" in err
