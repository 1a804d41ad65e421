"""docs/serve.md: its file is one, and names every kind of sender."""

import re
from pathlib import Path

from gameday.catalog.files import load_serving
from gameday.catalog.kinds import senders

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "serve.md").read_text()


def test_the_file_that_is_shown_is_one(tmp_path):
    (shown,) = re.findall(r"```yaml\n(.*?)```", GUIDE, flags=re.DOTALL)
    (tmp_path / "serve.yaml").write_text(shown)
    serving = load_serving(tmp_path / "serve.yaml")
    trigger, answered = serving.start
    assert (trigger.start_within, trigger.pause_s, trigger.resolved) == (900, 3600, "note")
    assert (answered.starts, answered.pause_s) == ("model-regressed", 300)
    assert answered.inputs_for({"model": "answers"}) == {"model": "answers", "severity": "high"}
    assert answered.inputs_for({}) == {"severity": "high"}


def test_every_kind_of_sender_has_its_row():
    for kind, _ in senders.kinds():
        assert f"\n| `{kind}` |" in GUIDE, kind
