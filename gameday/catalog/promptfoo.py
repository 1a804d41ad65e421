"""Reads a promptfoo configuration as a suite: prompts, tests, variables and assertions.

Every prompt with every test becomes a case, and a variable that is a list one for each of its
values, as promptfoo would run them. Providers are not asked: Gameday asks the front door. Whatever
would change what is asked or how it is judged, and cannot be taken over, is refused in its place.
"""

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gameday.catalog import kinds
from gameday.catalog.misfit import Misfit, fit, show, unknown_key
from gameday.catalog.promptfoo_assertions import Assertion, js_text, spec_of
from gameday.catalog.templates import render
from gameday.catalog.yaml_reader import Where
from gameday.domain.suite import ScorerSpec, Suite

CASES_MAX = 10_000
# How promptfoo runs and reports; nothing of it changes a question or a judgement.
_NO_BEARING = frozenset(
    {"$schema", "description", "providers", "targets", "env", "outputPath", "evaluateOptions",
     "commandLineOptions", "sharing", "tags", "metadata", "writeLatestResults", "evalId"}
)  # fmt: skip
_TOP = frozenset({"prompts", "tests", "defaultTest"})
# Its own tools write it also where there are none; with something in it, it is code.
_HOOKS = "extensions"
_TEST = frozenset({"description", "vars", "assert", "threshold", "metadata", "options"})
_ASSERTION = frozenset({"type", "value", "threshold", "weight", "metric"})
_SET = frozenset({"type", "assert", "threshold", "weight", "metric"})
_OPTIONS = frozenset({"disableDefaultAsserts"})
_A_FILE = re.compile(
    r"(?:file|exec|package):.*|\S+\.(?:txt|json|jsonl|ya?ml|csv|md|j2|py|[cm]?[jt]s)", re.DOTALL
)
_CODE = re.compile(r"\{%|\{#")

Raw = dict[str, Any]


@dataclass(frozen=True)
class _Test:
    """One test with what `defaultTest` adds, and where each part stands."""

    where: Where
    raw: Raw
    variables: dict[str, tuple[Where, Any]]
    assertions: list[tuple[Where, Raw]]
    threshold: float | None


def is_promptfoo(raw: Any) -> bool:
    """Whether a file is promptfoo's: it has prompts or tests, and no suite."""
    return isinstance(raw, dict) and "suite" not in raw and not {"prompts", "tests"}.isdisjoint(raw)


def suite_of(raw: Raw, path: Path) -> Suite:
    """The suite that the configuration in `path` describes. Raises Misfit."""
    without_hooks = {key: raw[key] for key in raw if key != _HOOKS or raw[key]}
    _only((), without_hooks, _TOP | _NO_BEARING)
    prompts = list(_prompts(raw))
    tools = _tools(raw)
    names = _Names()
    cases: list[Raw] = []
    for number, test in enumerate(_tests(raw), start=1):
        for variables in _combinations(test):
            for place, prompt in prompts:
                if len(cases) >= CASES_MAX:
                    raise Misfit(test.where, f"expected at most {CASES_MAX:,} cases")
                name = names.give(test.raw.get("description"), number)
                cases.append(_case(name, (place, prompt), test, variables, tools))
    name = re.sub(r"[^a-z0-9_-]+", "-", path.stem.lower()).strip("-_")[:60] or "promptfoo"
    return fit(Suite, {"suite": name, "cases": cases})


class _Names:
    """Names of cases, from the tests' descriptions; those of one name get a number."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def give(self, description: Any, number: int) -> str:
        slug = re.sub(r"[^a-z0-9]+", "-", str(description or "").lower()).strip("-")[:50]
        name = slug or f"test-{number}"
        count = self._given[name] = self._given.get(name, 0) + 1
        if count == 1:
            return name
        return self.give(f"{name}-{count}", number)


def _only(where: Where, raw: Any, known: frozenset[str]) -> None:
    if not isinstance(raw, dict):
        raise Misfit(where, f"expected a mapping of keys to values, found {show(raw)}")
    for key in raw:
        if key not in known:
            said = f"{unknown_key(key, sorted(known))} (of promptfoo's, those are taken over)"
            raise Misfit((*where, key), said, at_key=True)


def _prompts(raw: Raw) -> Iterator[tuple[Where, str]]:
    written = raw.get("prompts")
    listed = [written] if isinstance(written, str) else written
    if not isinstance(listed, list) or not listed:
        raise Misfit(("prompts",), "expected a list of prompts, written out in this file")
    for number, prompt in enumerate(listed):
        where: Where = ("prompts",) if isinstance(written, str) else ("prompts", number)
        if isinstance(prompt, dict):
            _only(where, prompt, frozenset({"id", "label", "raw", "display"}))
            yield _prompt((*where, "raw"), prompt.get("raw"))
        else:
            yield _prompt(where, prompt)


def _prompt(where: Where, text: Any) -> tuple[Where, str]:
    if not isinstance(text, str) or not text.strip():
        raise Misfit(where, f"expected the text of a prompt, found {show(text)}")
    _no_file(where, text)
    return where, _asked_by_user(where, text)


def _asked_by_user(where: Where, prompt: str) -> str:
    """The prompt, or what the user says in a chat of one message."""
    if re.match(r"\s*- (?:role|content):", prompt):
        raise Misfit(where, "found a chat in YAML; expected what the user says, as text")
    if not prompt.lstrip().startswith("["):
        return prompt
    try:
        messages = json.loads(prompt)
    except ValueError:
        return prompt
    match messages:
        case [{"role": "user", "content": str(said)}]:
            return said
    raise Misfit(
        where,
        "found a chat with more than one message of the user; the front door has its own "
        "instructions, so expected what the user says",
    )


def _no_file(where: Where, text: str) -> None:
    if _A_FILE.fullmatch(text.strip()):
        raise Misfit(where, f"found {show(text)}, which is elsewhere; write it out in this file")


def _tools(raw: Raw) -> Any:
    """The tools of the one provider that has a config, for assertions that check calls."""
    providers = raw.get("providers", raw.get("targets"))
    listed = providers if isinstance(providers, list) else [providers]
    if len(listed) != 1 or not isinstance(listed[0], dict):
        return None
    config = listed[0].get("config")
    return config.get("tools", config.get("functions")) if isinstance(config, dict) else None


def _tests(raw: Raw) -> Iterator[_Test]:
    tests = raw.get("tests")
    if not isinstance(tests, list) or not tests:
        raise Misfit(("tests",), "expected a list of tests, written out in this file")
    defaults = raw.get("defaultTest", {})
    _checked_test(("defaultTest",), defaults)
    for number, test in enumerate(tests):
        where = ("tests", number)
        _checked_test(where, test)
        options = test.get("options", {})
        own = _placed((*where, "assert"), test)
        bare = options.get("disableDefaultAsserts") is True
        given = [] if bare else _placed(("defaultTest", "assert"), defaults)
        bound_at = where if "threshold" in test else ("defaultTest",)
        bound = test.get("threshold", defaults.get("threshold"))
        threshold = _number((*bound_at, "threshold"), bound, most=1)
        variables = {
            **{name: (("defaultTest", "vars", name), v) for name, v in _vars(defaults).items()},
            **{name: ((*where, "vars", name), value) for name, value in _vars(test).items()},
        }
        yield _Test(where, test, variables, [*given, *own], threshold)


def _checked_test(where: Where, test: Any) -> None:
    _only(where, test, _TEST)
    _only((*where, "options"), test.get("options", {}), _OPTIONS)
    if not isinstance(test.get("vars", {}), dict):
        raise Misfit((*where, "vars"), "expected variables, written out in this file")
    if not isinstance(test.get("assert", []), list):
        raise Misfit((*where, "assert"), "expected a list of assertions")


def _vars(test: Raw) -> Raw:
    return dict(test.get("vars", {}))


def _placed(where: Where, test: Raw) -> list[tuple[Where, Raw]]:
    return [((*where, number), one) for number, one in enumerate(test.get("assert", []))]


def _combinations(test: _Test) -> Iterator[dict[str, str]]:
    """The variables of each case: one for every choice among the values of those that are lists."""
    choices = []
    for where, value in test.variables.values():
        values = value if isinstance(value, list) else [value]
        choices.append([_variable(where, one) for one in values])
    for chosen in itertools.product(*choices):
        yield dict(zip(test.variables, chosen, strict=True))


def _variable(where: Where, value: Any) -> str:
    if not isinstance(value, str | int | float):
        raise Misfit(where, f"expected text, a number or a list of them, found {show(value)}")
    text = js_text(value)
    _no_file(where, text)
    if "{{" in text or _CODE.search(text):
        raise Misfit(where, f"found a template in a variable: {show(text)}; write it out")
    return text


def _case(
    name: str,
    prompt: tuple[Where, str],
    test: _Test,
    variables: Mapping[str, str],
    tools: Any,
) -> Raw:
    place, template = prompt
    entries = [_entry(where, one, variables, tools) for where, one in test.assertions]
    if entries and not any(entry.get("weight", 1) for entry in entries):
        raise Misfit(test.where, "no assertion has a weight above 0, so nothing is judged")
    # Without an assertion a test passes as soon as an answer comes.
    case = {
        "case": name,
        "question": _filled(place, template, variables),
        "scorers": entries or [{"kind": "length", "characters_min": 1}],
    }
    return case if test.threshold is None else {**case, "pass_at": test.threshold}


def _entry(where: Where, raw: Any, variables: Mapping[str, str], tools: Any) -> Raw:
    if isinstance(raw, dict) and raw.get("type") == "assert-set":
        return _set(where, raw, variables, tools)
    _only(where, raw, _ASSERTION)
    threshold = _number((*where, "threshold"), raw.get("threshold"), most=None)
    value = _value((*where, "value"), raw.get("value"), variables)
    assertion = Assertion(where, str(raw.get("type")), value, threshold, tools)
    spec = {**spec_of(assertion), **_labels(where, raw)}
    try:
        kinds.scorers.fit(fit(ScorerSpec, spec))
    except Misfit as misfit:
        raise Misfit((*where, "value"), misfit.sentence) from misfit
    return spec


def _set(where: Where, raw: Raw, variables: Mapping[str, str], tools: Any) -> Raw:
    _only(where, raw, _SET)
    members = raw.get("assert")
    if not isinstance(members, list) or not members:
        raise Misfit((*where, "assert"), "expected a list of assertions")
    entries = []
    for number, one in enumerate(members):
        place = (*where, "assert", number)
        if isinstance(one, dict) and one.get("type") == "assert-set":
            raise Misfit(place, "found a set in a set; expected single assertions")
        entries.append(_entry(place, one, variables, tools))
    if not any(entry.get("weight", 1) for entry in entries):
        raise Misfit(where, "no assertion of the set has a weight above 0")
    threshold = _number((*where, "threshold"), raw.get("threshold"), most=1)
    bound = {} if threshold is None else {"pass_at": threshold}
    return {"set": entries, **bound, **_labels(where, raw)}


def _labels(where: Where, raw: Raw) -> Raw:
    weight = _number((*where, "weight"), raw.get("weight"), most=1000)
    named = {"name": str(raw["metric"])} if "metric" in raw else {}
    return named if weight is None else {**named, "weight": weight}


def _number(where: Where, value: Any, *, most: float | None) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Misfit(where, f"expected a number, found {show(value)}")
    if value < 0 or (most is not None and value > most):
        raise Misfit(
            where, f"expected 0 to {most:g}, found {value:g}" if most else "expected 0 or more"
        )
    return value


def _value(where: Where, value: Any, variables: Mapping[str, str]) -> Any:
    """The value as promptfoo fills it in: texts, and texts in a list, and nothing deeper."""
    if isinstance(value, str):
        _no_file(where, value)
        return _filled(where, value, variables)
    if isinstance(value, list):
        return [_value((*where, number), one, variables) for number, one in enumerate(value)]
    return value


def _filled(where: Where, text: str, variables: Mapping[str, str]) -> str:
    if _CODE.search(text):
        raise Misfit(where, f"found {show(text)}, a template with code; expected {{{{name}}}} only")
    try:
        return render(text, variables)
    except ValueError as error:
        raise Misfit(where, str(error)) from error
