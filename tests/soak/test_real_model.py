"""A real model changes silently, which is noticed and rolled back; with the extra lab-llm."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

GAMEDAY = str(Path(sys.executable).parent / "gameday")
CHECKOUT = Path(__file__).resolve().parents[2]
# Slowly, and with much time: one model on one core, which others may want too.
DRILL = """
drill: real-silent-update
title: A real model is replaced by the same weights with fewer bits
hypothesis: The change is noticed, and pinning the model's dated name brings the answers back.
target: lab
load: {rate: 0.8/s, suite: support, stream: true}
windows:
  baseline: 80s
  faulted: {until: detected, at_most: 90s}
  responded: 125s
  recovered: {until: all_good, at_most: 60s}
faults:
  - kind: model_swap
    on: provider/primary
    models: [heron-4]
    to_model: heron-4-2026-09
    reported: same
detect: {alpha: 0.01, margin: 0.10, by: [changed, envelope]}
respond:
  - {step: pin_model, to: previous}
checks:
  - {kind: envelope, suite: support, margin: 0.30, in: responded}
  - {kind: rolled_back_within, detected: 90s, called: 10s, first_good: 60s, all_good: 90s}
"""


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.skipif(find_spec("xllamacpp") is None, reason="the extra lab-llm is not installed")
def test_a_real_model_s_silent_update_is_noticed_and_rolled_back(tmp_path: Path):
    drill = tmp_path / "real-silent-update.yaml"
    drill.write_text(DRILL)
    argv = [GAMEDAY, "run", str(drill), "--llm", "--json"]
    argv += ["--state", str(tmp_path / "state"), "--runs", str(tmp_path / "runs")]
    done = subprocess.run(
        argv, capture_output=True, text=True, timeout=1100, check=False, cwd=CHECKOUT
    )
    assert done.stdout, done.stderr
    result = json.loads(done.stdout)
    assert result["verdict"] == "passed", result["reason"]
    held = {check["kind"]: check["held"] for check in result["checks"]}
    assert held == {"envelope": "yes", "rolled_back_within": "yes"}
    (fault,) = result["faults"]
    assert fault["evidence"]["felt"], fault
