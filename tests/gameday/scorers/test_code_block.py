"""The scorer `code_block`."""

import pytest

from gameday.scorers.code_block import CodeBlock

PYTHON = "So:\n```python\nprint(1)\n```\nThat prints."
JSON = '```json\n{"a": 1}\n```'


@pytest.mark.parametrize(
    ("settings", "answer", "score"),
    [
        ({}, PYTHON, 1.0),
        ({"language": "python"}, PYTHON, 1.0),
        ({"language": "json"}, PYTHON, 0.0),
        ({"blocks_min": 2}, PYTHON, 0.0),
        ({"blocks_min": 2}, PYTHON + "\n" + JSON, 1.0),
        ({"alone": True}, PYTHON, 0.0),
        ({"alone": True}, JSON, 1.0),
        ({"alone": True}, JSON + "\n" + JSON, 0.0),
        ({"language": "json"}, JSON, 1.0),
        ({"language": "json"}, "```json\n{a: 1}\n```", 0.0),
        ({}, "```python\nprint(1)", 0.0),  # never closed: the answer was cut
        ({}, "````\n```\ncode\n```\n````", 1.0),
        ({}, "~~~\ncode\n~~~", 1.0),
        ({}, "no code", 0.0),
    ],
)
def test_score(settings, answer, score):
    assert CodeBlock(**settings).score_text(answer) == score
