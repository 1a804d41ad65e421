"""Promptfoo's assertions as scorers that judge the same, or a refusal.

What promptfoo computes from the answer alone, by a rule that is written down, is taken over. What
asks a model, runs somebody's code or rests on a tokenizer or parser of its own is refused: a score
that only looks like promptfoo's would be worse than none. Source: promptfoo 0.123's documentation
of deterministic metrics, held against what its own code gives (the tests have the figures).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gameday.catalog.ajv_schema import taken_over
from gameday.catalog.js_regex import to_python
from gameday.catalog.misfit import Misfit
from gameday.catalog.nearest import did_you_mean
from gameday.catalog.yaml_reader import Where

Settings = dict[str, Any]
_MODEL = "asks a model; write it as the scorer `judge` or `similarity` in a suite of your own"
_CODE = "runs code of its own, which Gameday does not"
_OWN_RULES = "rests on a parser or tokenizer of promptfoo's own"
_OUTSIDE = "looks at more than an answer"
_REFUSED = {
    **dict.fromkeys(
        ("agent-rubric", "answer-relevance", "classifier", "context-faithfulness",
         "context-recall", "context-relevance", "conversation-relevance", "factuality", "g-eval",
         "guardrails", "human", "llm-rubric", "max-score", "model-graded-closedqa",
         "model-graded-factuality", "moderation", "pi", "search-rubric", "select-best", "similar",
         "similar:cosine", "similar:dot", "similar:euclidean", "trajectory:goal-success"), _MODEL),
    **dict.fromkeys(("javascript", "python", "ruby", "webhook"), _CODE),
    **dict.fromkeys(
        ("bleu", "contains-html", "contains-sql", "contains-xml", "gleu", "is-html", "is-refusal",
         "is-sql", "is-xml", "meteor", "rouge-l", "rouge-n", "rouge-s"), _OWN_RULES),
    **dict.fromkeys(
        ("perplexity", "perplexity-score", "skill-used", "trace-error-spans", "trace-span-count",
         "trace-span-duration", "trajectory:step-count", "trajectory:tool-args-match",
         "trajectory:tool-sequence", "trajectory:tool-used"), _OUTSIDE),
}  # fmt: skip
_INSTEAD = {
    "is-refusal": "the scorer `refusal` has its own rules",
    "rouge-n": "the scorer `word_overlap` compares words by a rule that is written down",
    "bleu": "the scorer `word_overlap` compares words by a rule that is written down",
}


@dataclass(frozen=True)
class Assertion:
    """One assertion, its texts filled in, and where it stands."""

    where: Where
    type: str
    value: Any = None
    threshold: float | None = None
    tools: Any = None  # of the provider's configuration, for those that check calls against them

    def misfit(self, sentence: str, key: str = "value") -> Misfit:
        return Misfit((*self.where, key), f"assertion {self.type!r}: {sentence}")

    def text(self) -> str:
        """The value as promptfoo compares it: text as it is, a number as JavaScript writes it."""
        if isinstance(self.value, str) and self.value:
            return self.value
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            return js_text(self.value)
        raise self.misfit("expected text or a number under `value`")

    def words(self) -> list[str]:
        """A list, or text with commas between its parts, in which quotes hold a part together."""
        if isinstance(self.value, list) and self.value:
            return [js_text(part) for part in self.value]
        if isinstance(self.value, str) and self.value:
            return self._parted(self.value)
        raise self.misfit("expected a list under `value`")

    def _parted(self, text: str) -> list[str]:
        if '"' in text:
            raise self.misfit("found quotes in a text with commas; expected a list")
        return [part.strip() for part in text.split(",") if part.strip()]

    def bound(self) -> float:
        if self.threshold is None:
            raise self.misfit("expected a `threshold`; without one it measures and judges nothing")
        return self.threshold


def spec_of(assertion: Assertion) -> Settings:
    """A scorer's entry in a suite, but for its weight and name. Raises Misfit."""
    negated = assertion.type.startswith("not-")
    base = assertion.type.removeprefix("not-") if negated else assertion.type
    if base not in _TAKEN:
        raise Misfit((*assertion.where, "type"), _why_not(assertion.type, base))
    if negated and base in _NEVER_NEGATED:
        raise Misfit(
            (*assertion.where, "type"),
            f"assertion {assertion.type!r}: promptfoo does not turn its score round",
        )
    try:
        spec = _TAKEN[base](assertion)
    except ValueError as error:
        raise assertion.misfit(str(error)) from error
    return {**spec, "not": True} if negated else spec


def js_text(value: Any) -> str:
    """A value as JavaScript's String() writes it. Raises ValueError for what has no such text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e21
        return str(int(value)) if whole else repr(value).replace("e-0", "e-").replace("e+0", "e+")
    if isinstance(value, str):
        return value
    raise ValueError(f"expected text or a number, found {json.dumps(value)[:60]}")


def _why_not(type_: str, base: str) -> str:
    if base not in _REFUSED and not base.startswith("promptfoo:"):
        known = [*_TAKEN, *_REFUSED]
        return f"unknown assertion {type_!r}{did_you_mean(base, known)}"
    why = _REFUSED.get(base, _MODEL)
    instead = f"; {_INSTEAD[base]}" if base in _INSTEAD else ""
    return f"assertion {type_!r} cannot be run faithfully: it {why}{instead}"


def _equals(one: Assertion) -> Settings:
    if isinstance(one.value, dict | list):
        return {"kind": "json_equals", "document": one.value}
    if one.value is None or one.value == "":
        raise ValueError("expected something that an answer may be equal to")
    return {"kind": "exact", "text": js_text(one.value), "strip": False}


def _contains(which: str, case: str) -> Callable[[Assertion], Settings]:
    def settings(one: Assertion) -> Settings:
        phrases = [one.text()] if which == "one" else one.words()
        return {"kind": "contains", "all" if which == "all" else "any": phrases, "case": case}

    return settings


def _starts_with(one: Assertion) -> Settings:
    if not isinstance(one.value, str):
        raise one.misfit("expected text under `value`")
    return {"kind": "starts_with", "text": one.text()}


def _regex(one: Assertion) -> Settings:
    if not isinstance(one.value, str) or not one.value:
        raise one.misfit("expected a regular expression under `value`")
    return {"kind": "regex", "pattern": to_python(one.value)}


def _schema(one: Assertion) -> Settings:
    schema = one.value
    if schema is None or schema == "":
        return {"schema": {}}
    if isinstance(schema, str):
        schema = json.loads(schema)
    return {"schema": taken_over(schema)}


def _is_json(one: Assertion) -> Settings:
    return {"kind": "json_schema", **_schema(one)}


def _contains_json(one: Assertion) -> Settings:
    # Promptfoo reads pieces in braces as YAML, so that {a: 1} counts: here that is not known.
    return {"kind": "contains_json", "lenient": True, **_schema(one)}


def _levenshtein(one: Assertion) -> Settings:
    if not isinstance(one.value, str):
        raise one.misfit("expected text under `value`")
    most = 5 if one.threshold is None else one.threshold
    return {"kind": "edit_similarity", "text": one.value, "distance_max": most}


def _word_count(one: Assertion) -> Settings:
    if isinstance(one.value, dict):
        if not one.value or not one.value.keys() <= {"min", "max"}:
            raise one.misfit("expected `min` or `max`, or a number")
        return {"kind": "length", **{f"words_{key}": one.value[key] for key in one.value}}
    count = int(one.text())
    return {"kind": "length", "words_min": count, "words_max": count}


def _tool_calls(one: Assertion) -> Settings:
    enough = 1.0 if one.threshold is None else one.threshold
    return {"kind": "tool_calls", "all": one.words(), "at_least": enough}


def _valid_calls(one: Assertion) -> Settings:
    if not isinstance(one.tools, list) or not one.tools:
        raise Misfit(
            (*one.where, "type"),
            f"assertion {one.type!r} needs the tools in the config of the one provider, written "
            "out in this file",
        )
    tools = {}
    for tool in one.tools:
        function = tool.get("function", tool) if isinstance(tool, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            raise one.misfit(f"found a tool that is no function: {json.dumps(tool)[:60]}", "type")
        tools[function["name"]] = taken_over(function.get("parameters", {}))
    return {"kind": "valid_tool_calls", "tools": tools}


_TAKEN: dict[str, Callable[[Assertion], Settings]] = {
    "equals": _equals,
    "contains": _contains("one", "exact"),
    "contains-all": _contains("all", "exact"),
    "contains-any": _contains("any", "exact"),
    "icontains": _contains("one", "lower"),
    "icontains-all": _contains("all", "lower"),
    "icontains-any": _contains("any", "lower"),
    "starts-with": _starts_with,
    "regex": _regex,
    "is-json": _is_json,
    "contains-json": _contains_json,
    "levenshtein": _levenshtein,
    "word-count": _word_count,
    "cost": lambda one: {"kind": "cost", "usd_max": one.bound()},
    "latency": lambda one: {"kind": "latency", "ms_max": one.bound()},
    "finish-reason": lambda one: {"kind": "finish_reason", "any": [one.text()]},
    "tool-call-f1": _tool_calls,
    "is-valid-function-call": _valid_calls,
    "is-valid-openai-function-call": _valid_calls,
    "is-valid-openai-tools-call": _valid_calls,
}
_NEVER_NEGATED = frozenset(
    {"tool-call-f1", "is-valid-function-call", "is-valid-openai-function-call",
     "is-valid-openai-tools-call"}
)  # fmt: skip
