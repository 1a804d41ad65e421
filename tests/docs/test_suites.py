"""docs/suites.md says of each scorer what its code says, and its examples score as shown."""

import inspect
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gameday.catalog.kinds import scorers
from gameday.catalog.suite_files import load_suite, rated_alone
from gameday.catalog.yaml_reader import Source, read_text
from gameday.domain.scorer import Answered, ToolCall
from gameday.domain.suite import ScorerSpec

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "suites.md").read_text()
SECTIONS = dict(re.findall(r"^### `(\w+)`\n\n(.*?)(?=^###? |\Z)", PAGE, re.DOTALL | re.MULTILINE))
KINDS = dict(scorers.kinds())


def examples(kind):
    """The spec of a section, and each row of its table."""
    written = re.search(r"```yaml\n(.*?)```", SECTIONS[kind], re.DOTALL)[1]
    raw = read_text(written, Source("docs/suites.md", written.splitlines(), "")).raw
    rows = re.findall(r"^\| ([0-9.]+|–) \| (`+) ?(.*?) ?\2 \|$", SECTIONS[kind], re.MULTILINE)
    return ScorerSpec.model_validate(raw), [(score, answer) for score, _, answer in rows]


@dataclass
class Models:
    """What another model says, as the page has it."""

    reply: str = ""
    vectors: list[list[float]] = field(default_factory=list)

    def judge(self, prompt):
        return self.reply

    def embed(self, texts):
        return self.vectors


def answered(shown):
    shown = shown.replace("\\n", "\n")
    if not re.match(r'\{"(?:text|tool_calls|finish_reason|latency_ms|cost_usd|models)"', shown):
        return Answered(shown)
    told = {"text": "", **json.loads(shown)}
    if "tool_calls" in told:
        told["tool_calls"] = tuple(ToolCall(**call) for call in told["tool_calls"])
    if "models" in told:
        told["models"] = Models(**told["models"])
    if "sources" in told:
        told["sources"] = tuple(told["sources"])
    return Answered(**told)


def test_every_scorer_has_its_section_in_the_words_of_its_code():
    assert set(SECTIONS) == set(KINDS)
    for kind, made in KINDS.items():
        assert SECTIONS[kind].startswith(inspect.getdoc(made) + "\n\n"), kind


@pytest.mark.parametrize("kind", sorted(SECTIONS))
def test_the_examples_of_a_scorer_score_as_shown(kind):
    spec, rows = examples(kind)
    assert spec.kind == kind
    assert len(rows) >= 2
    for shown, answer in rows:
        mark = rated_alone(kind, spec).mark(answered(answer))
        expected = None if shown == "–" else float(shown)
        assert mark.score == (expected if expected is None else pytest.approx(expected)), answer
    assert {"0", "1"} <= {shown for shown, _ in rows} or spec.at_least < 1


def test_the_shown_suite_loads():
    suite = load_suite(ROOT / "docs" / "examples" / "suite.yaml")
    assert [case.case for case in suite.cases] == ["window", "label", "injection"]
    assert suite.cases[0].question == "How long may I send shoes back to Lantern?"
    assert all(case.feature == "returns" for case in suite.cases)
