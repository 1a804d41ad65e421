"""Regular expressions of JavaScript, against what Node.js itself finds with them."""

import json
import re
from pathlib import Path

import pytest

from gameday.catalog.js_regex import to_python

TRUTH = json.loads((Path(__file__).parent / "promptfoo" / "regexes.json").read_text())
# Valid in JavaScript, and cannot be said in Python so that it means the same.
REFUSED = {r"\p{L}", r"\10", "a{,3}", r"\e", "[--a]"}


@pytest.mark.parametrize(("pattern", "found"), TRUTH["found"], ids=[p for p, _ in TRUTH["found"]])
def test_it_finds_what_javascript_finds_or_is_refused(pattern, found):
    if found is None or pattern in REFUSED:
        with pytest.raises(ValueError, match=r"found|not a regular expression"):
            to_python(pattern)
        return
    translated = re.compile(to_python(pattern))
    told = "".join(str(int(translated.search(text) is not None)) for text in TRUTH["texts"])
    assert told == found


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(", "not a regular expression that can be run here"),
        ("[a", "a set that is never closed"),
        ("a\\", "a lone backslash at the end"),
        (r"(?<=a+)b", "not a regular expression that can be run here"),
        (r"(?>a)", "which JavaScript does not know"),
        (r"[\D]", "cannot be said in Python"),
    ],
)
def test_what_cannot_be_carried_over_says_why(pattern, said):
    with pytest.raises(ValueError, match=said):
        to_python(pattern)
