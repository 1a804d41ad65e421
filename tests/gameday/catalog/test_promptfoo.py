"""Promptfoo's configurations: what is taken over judges as promptfoo does; the rest is refused."""

import json
from pathlib import Path

import pytest

from gameday.catalog.promptfoo import suite_of
from gameday.catalog.suite_files import load_suite, rated
from gameday.domain.errors import FileError
from gameday.domain.scorer import Answered, ToolCall
from gameday.domain.scoring import Scored
from gameday.domain.suite import ScorerSet, ScorerSpec
from tests.gameday.catalog.authored import spoil, written

HERE = Path(__file__).parent / "promptfoo"
TRUTH = json.loads((HERE / "verdicts.json").read_text())
EXPORTED = (HERE / "exported.yaml").read_text()
SMALL = """\
prompts: ["{{question}}"]
tests:
  - vars: {question: "How long?"}
    assert:
      - type: contains
        value: 30
        weight: 2
"""


def refusal(path) -> str:
    with pytest.raises(FileError) as told:
        load_suite(path)
    return told.value.sentence


def scored(group, answered):
    test = {"vars": group.get("vars", {}), "assert": group["assert"]}
    if "threshold" in group:
        test["threshold"] = group["threshold"]
    suite = suite_of({"prompts": ["Hi"], "tests": [test]}, Path("a.yaml"))
    return Scored.of(rated(suite.cases[0]), answered)


def agrees(found, verdict):
    passed, score = verdict
    return found.passed is bool(passed) and found.quality == pytest.approx(score)


def braces(group):
    return any(one["type"].removeprefix("not-") == "contains-json" for one in group["assert"])


@pytest.mark.parametrize(
    "group", TRUTH["on_texts"], ids=lambda group: json.dumps(group["assert"])[:60]
)
def test_texts_are_judged_as_promptfoo_judges_them(group):
    for text, verdict in zip(TRUTH["texts"], group["verdicts"], strict=True):
        found = scored(group, Answered(text))
        if found.passed is None:  # only where promptfoo would read JSON leniently
            assert braces(group)
            assert "{a: 1}" in text
        else:
            assert agrees(found, verdict), text


@pytest.mark.parametrize(
    "group", TRUTH["on_answers"], ids=lambda group: json.dumps(group["assert"])[:60]
)
def test_answers_are_judged_as_promptfoo_judges_them(group):
    for answer, verdict in zip(group["answers"], group["verdicts"], strict=True):
        output = answer["output"]
        calls = output["tool_calls"] if isinstance(output, dict) else []
        answered = Answered(
            "" if calls else output,
            answer.get("finishReason"),
            tool_calls=tuple(ToolCall(call["function"]["name"]) for call in calls),
            latency_ms=answer.get("latencyMs"),
            cost_usd=answer.get("cost"),
        )
        assert agrees(scored(group, answered), verdict), answer


def test_the_comparison_is_not_an_empty_one():
    told = [verdict for group in TRUTH["on_texts"] for verdict in group["verdicts"]]
    assert len(told) > 3000
    assert 500 < sum(passed for passed, _ in told) < len(told) - 500


def test_a_configuration_saved_from_its_web_page():
    suite = load_suite(HERE / "exported.yaml")
    assert suite.suite == "exported"
    assert [case.case for case in suite.cases] == [
        "return-window",
        "return-window-2",
        "return-window-3",
        "return-window-4",
        "order-status",
        "order-status-2",
        "test-3",
        "test-3-2",
    ]
    assert [case.question for case in suite.cases[:4]] == [
        "How long may I send it back?",
        "Please answer for Lantern: How long may I send it back?",
        "How long may I send it back?",
        "Please answer for Lantern Outlet: How long may I send it back?",
    ]
    window, status, alone = suite.cases[0], suite.cases[4], suite.cases[6]
    assert [spec.kind for spec in window.scorers] == ["latency", "contains", "contains"]
    assert window.scorers[1].negated
    assert (window.scorers[1].weight, window.pass_at, status.pass_at) == (0.5, 0.9, 0.6)
    looked_up = status.scorers[2]
    assert isinstance(looked_up, ScorerSet)
    assert (looked_up.name, looked_up.pass_at) == ("looked-up", 0.5)
    assert [spec.kind for spec in looked_up.set] == ["valid_tool_calls", "tool_calls"]
    assert [spec.kind for spec in alone.scorers] == ["regex", "length"]


def test_what_promptfoo_writes_of_a_configuration_it_has_run_is_the_same():
    """With its defaults filled in, and lists that it leaves empty."""
    told = load_suite(HERE / "evaluated.yaml")
    assert told.cases == load_suite(HERE / "exported.yaml").cases


def test_lists_that_promptfoo_leaves_empty_are_refused_with_something_in_them(tmp_path):
    text = (HERE / "evaluated.yaml").read_text()
    hooked = text.replace("extensions: []", "extensions: [file://hook.js:extensionHook]")
    assert hooked != text
    line = next(n for n, one in enumerate(hooked.splitlines(), 1) if one.startswith("extensions"))
    assert f":{line}:1  unknown key 'extensions'" in refusal(written(tmp_path, hooked))


def test_a_test_without_assertions_passes_as_soon_as_an_answer_comes(tmp_path):
    path = written(tmp_path, 'prompts: ["{{q}}"]\ntests: [{vars: {q: Hi}}]\n')
    (case,) = load_suite(path).cases
    assert Scored.of(rated(case), Answered("x")).passed is True


def test_what_promptfoo_init_writes_is_refused_where_it_asks_for_code():
    path = HERE / "init.yaml"
    line = next(
        number
        for number, text in enumerate(path.read_text().splitlines(), start=1)
        if "type: javascript" in text
    )
    assert refusal(path) == (
        f"{path}:{line}:15  assertion 'javascript' cannot be run faithfully: it runs code of its "
        "own, which Gameday does not"
    )


def test_and_where_it_asks_a_model(tmp_path):
    text = (HERE / "init.yaml").read_text()
    without = "\n".join(
        line for line in text.splitlines() if "javascript" not in line and "1 /" not in line
    )
    sentence = refusal(written(tmp_path, without))
    assert "assertion 'llm-rubric' cannot be run faithfully: it asks a model" in sentence
    rest = without.replace("llm-rubric", "icontains")
    cases = load_suite(written(tmp_path, rest)).cases
    assert len(cases) == 6
    assert cases[1].question == "Write a concise, funny tweet about bananas"


WRONG = [
    ("type: contains", "type: javascript", "5:15", "runs code of its own"),
    ("type: contains", "type: not-llm-rubric", "5:15", "asks a model"),
    ("type: contains", "type: is-sql", "5:15", "parser or tokenizer of promptfoo's own"),
    ("type: contains", "type: rouge-n", "5:15", "the scorer `word_overlap` compares words"),
    ("type: contains", "type: trace-span-count", "5:15", "looks at more than an answer"),
    ("type: contains", "type: contians", "5:15", "unknown assertion 'contians'; did you mean"),
    ("type: contains", "type: promptfoo:redteam:pii", "5:15", "asks a model"),
    ("type: contains", "type: not-tool-call-f1", "5:15", "does not turn its score round"),
    ("type: contains", "type: latency", "6:16", "expected a `threshold`"),
    ("type: contains", "type: is-valid-function-call", "5:15", "needs the tools in the config"),
    ("type: contains", "type: regex", "6:16", "expected a regular expression"),
    ("value: 30", "value: ''", "6:16", "expected text or a number"),
    ("value: 30", "value: file://expected.txt", "6:16", "which is elsewhere"),
    ("value: 30", "value: '{{ qestion }}'", "6:16", "unknown variable 'qestion'; did you mean"),
    ("value: 30", "value: '{{ question | upper }}'", "6:16", "the name of a variable"),
    ("value: 30", "value: '{% if a %}'", "6:16", "a template with code"),
    ("weight: 2", "weight: -1", "7:17", "expected 0 to 1000, found -1"),
    ("weight: 2", "weight: 0", "3:5", "no assertion has a weight above 0"),
    ("weight: 2", "transform: output.trim()", "7:9", "unknown key 'transform'"),
    ("weight: 2", "provider: openai:gpt-5", "7:9", "unknown key 'provider'"),
    ("weight: 2", "threshold: high", "7:20", 'expected a number, found "high"'),
    ('"How long?"}', "[file://a.txt]}", "3:22", "which is elsewhere"),
    ('"How long?"}', "{a: 1}}", "3:22", "expected text, a number or a list of them"),
    ('"How long?"}', '"{{other}}"}', "3:22", "found a template in a variable"),
    ('["{{question}}"]', '["file://prompt.txt"]', "1:11", "which is elsewhere"),
    ('["{{question}}"]', "[prompts.txt]", "1:11", "which is elsewhere"),
    ('["{{question}}"]', "[]", "1:10", "expected a list of prompts"),
    ('["{{question}}"]', '["{{env.HOST}}"]', "1:11", "the name of a variable"),
    (
        '["{{question}}"]',
        '["[{\\"role\\": \\"system\\", \\"content\\": \\"x\\"}]"]',
        "1:11",
        "a chat with more than one message",
    ),
    ("tests:", "scenarios: []\ntests:", "2:1", "unknown key 'scenarios'"),
    ("tests:", "nunjucksFilters: {}\ntests:", "2:1", "unknown key 'nunjucksFilters'"),
    ("tests:", "defaultTest: file://d.yaml\ntests:", "2:14", "expected a mapping"),
    ("tests:", "defaultTest: {threshold: 90}\ntests:", "2:26", "expected 0 to 1, found 90"),
    ("    assert:", "    provider: x\n    assert:", "4:5", "unknown key 'provider'"),
    ("    assert:", "    options: {transform: x}\n    assert:", "4:15", "unknown key 'transform'"),
]


@pytest.mark.parametrize(("old", "new", "place", "said"), WRONG, ids=[w[1][:40] for w in WRONG])
def test_what_cannot_be_taken_over_is_refused_where_it_stands(tmp_path, old, new, place, said):
    path = written(tmp_path, spoil(SMALL, old, new))
    sentence = refusal(path)
    assert sentence.startswith(f"{path}:{place}  "), sentence
    assert said in sentence


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ("{type: string, format: email}", "found `format`, which is not looked at here"),
        ("{type: objekt}", "not a JSON Schema"),
        ("{tpye: object}", "found the keyword 'tpye'"),
        ("{properties: {a: {nullable: true}}}", "found the keyword 'nullable'"),
        ("{$schema: 'https://json-schema.org/draft/2020-12/schema'}", "promptfoo reads draft 7"),
        ("5", "expected a JSON Schema"),
    ],
)
def test_a_schema_that_ajv_would_take_otherwise_is_refused(tmp_path, schema, said):
    text = SMALL.replace("type: contains", "type: is-json").replace("30", schema)
    assert said in refusal(written(tmp_path, text))


def test_a_chat_of_one_message_is_what_the_user_says(tmp_path):
    chat = '\'[{"role": "user", "content": "Q: {{question}}"}]\''
    path = written(tmp_path, spoil(SMALL, '"{{question}}"', chat))
    assert load_suite(path).cases[0].question == "Q: How long?"


def test_a_spec_of_the_small_one(tmp_path):
    (case,) = load_suite(written(tmp_path, SMALL)).cases
    assert case.scorers == (
        ScorerSpec(
            kind="contains",
            settings={"any": ["30"], "case": "exact"},
            weight=2,
        ),
    )
