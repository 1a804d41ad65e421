"""Loading suites: defaults, variables, sets and conversations; what is wrong says where."""

import pytest

from gameday.catalog.suite_files import load_suite, rated
from gameday.domain.errors import FileError
from gameday.domain.scorer import Answered
from gameday.domain.scoring import Scored
from tests.gameday.catalog.authored import SUITE, spoil, written

WHOLE = """\
suite: support
pass_at: 0.5
defaults:
  group: returns
  tenant: acme
  vars: {shop: Lantern, days: 30}
  scorers:
    - {kind: excludes, any: ["as an AI"], weight: 0.5}
cases:
  - case: refund
    question: How long may I return {{ item }} to {{shop}}?
    vars: {item: shoes}
    expected: "{{days}} days"
    feature: refunds
    scorers:
      - {kind: contains, any: ["{{days}} days", a month], name: window}
      - {kind: contains, any: [sorry], not: true}
  - case: talk
    turns: ["I bought {{shop}} shoes.", "And how long may I return them?"]
    group: talks
    pass_at: 0.75
    scorers:
      - set: [{kind: contains, any: ["30"]}, {kind: regex, pattern: thirty}]
        name: number
        pass_at: 0.5
"""


def refusal(path) -> str:
    with pytest.raises(FileError) as told:
        load_suite(path)
    return told.value.sentence


def test_each_case_is_whole(tmp_path):
    refund, talk = load_suite(written(tmp_path, WHOLE)).cases
    assert refund.question == "How long may I return shoes to Lantern?"
    assert refund.asked == (refund.question,)
    assert talk.asked == ("I bought Lantern shoes.", "And how long may I return them?")
    assert (refund.group, refund.tenant, refund.feature, refund.pass_at) == (
        "returns",
        "acme",
        "refunds",
        0.5,
    )
    assert (talk.group, talk.tenant, talk.feature, talk.pass_at) == ("talks", "acme", None, 0.75)
    assert [entry.kind for entry in refund.scorers] == ["excludes", "contains", "contains"]
    assert refund.scorers[1].settings == {"any": ["30 days", "a month"]}


def test_scores_have_names_and_weights(tmp_path):
    refund, talk = load_suite(written(tmp_path, WHOLE)).cases
    found = Scored.of(rated(refund), Answered("Within 30 days. Sorry!"))
    assert found.scores == {"excludes": 1.0, "window": 1.0, "contains": 0.0}
    assert found.quality == (0.5 + 1) / 2.5
    assert found.passed is True  # the suite asks for half
    found = Scored.of(rated(talk), Answered("30, as an AI would say"))
    assert found.scores == {"excludes": 0.0, "number": 0.5, "contains": 1.0, "regex": 0.0}
    assert found.passed is False


def test_two_scorers_of_one_kind_keep_their_scores_apart(tmp_path):
    twice = "[{kind: contains, any: ['30']}, {kind: contains, any: [days]}]"
    path = written(tmp_path, spoil(SUITE, "[{kind: contains, any: [30 days]}]", twice))
    scored = Scored.of(rated(load_suite(path).cases[0]), Answered("30 hours"))
    assert scored.scores == {"contains": 1.0, "contains-2": 0.0}
    assert scored.quality == 0.5


def test_a_question_without_variables_may_be_about_templates(tmp_path):
    asked = "What does {{ x | upper }} mean in Jinja?"
    path = written(tmp_path, spoil(SUITE, "How long may I return it?", f'"{asked}"'))
    assert load_suite(path).cases[0].question == asked


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("{{ item }}", "{{ itm }}", "11:15", "unknown variable 'itm'; did you mean 'item'?"),
        ("{{ item }}", "{{ item | upper }}", "11:15", "expected the name of a variable: {{name}}"),
        ("bought {{shop}}", "bought {{shp}}", "19:13", "unknown variable 'shp'"),
        ('"{{days}} days", a', '"{{dys}} days", a', "16:31", "unknown variable 'dys'"),
        ("pattern: thirty", 'pattern: "("', "23:69", "not a regular expression"),
        ("name: window", "nme: window", "16:59", "unknown key 'nme'; did you mean 'name'?"),
        ("name: number", "nam: number", "24:9", "unknown key 'nam'; did you mean 'name'?"),
        ("pass_at: 0.75", "pass_at: 75", "21:14", "less than or equal to 1, found 75"),
        ("not: true", "not: maybe", "17:45", 'expected a valid boolean, found "maybe"'),
        ("case: talk", "case: refund", "18:11", "duplicate case 'refund'; the first is on line 10"),
        ("weight: 0.5", "wieght: 0.5", "8:43", "unknown key 'wieght'; did you mean 'weight'?"),
    ],
)
def test_what_is_wrong_says_where(tmp_path, old, new, place, said):
    path = written(tmp_path, spoil(WHOLE, old, new))
    sentence = refusal(path)
    assert sentence.startswith(f"{path}:{place}  "), sentence
    assert said in sentence


@pytest.mark.parametrize(
    ("scorers", "said"),
    [
        ("[]", "no scorer counts; expected one with a weight above 0 here or in `defaults`"),
        ("[{kind: exact, text: a, weight: 0}]", "no scorer counts"),
        ("[{set: [{kind: exact, text: a, weight: 0}]}]", "no scorer of the set counts"),
        ("[{set: []}]", "expected at least 1 here, found 0"),
    ],
)
def test_a_case_that_nothing_judges_is_refused(tmp_path, scorers, said):
    path = written(tmp_path, spoil(SUITE, "[{kind: contains, any: [30 days]}]", scorers))
    assert said in refusal(path)


def test_a_scorer_that_asks_a_model_needs_one(tmp_path):
    judged = "[{set: [{kind: judge, criterion: It is polite.}]}]"
    text = spoil(SUITE, "[{kind: contains, any: [30 days]}]", judged)
    path = written(tmp_path, text)
    assert refusal(path) == (
        f"{path}:3:5  the scorer 'judge' asks a model; expected `judge: {{url, model}}` at the top "
        "of the suite"
    )
    named = 'judge: {url: "http://127.0.0.1:1/v1", model: j-1}\n'
    suite = load_suite(written(tmp_path, named + text))
    assert suite.judge.temperature == 0.0
    assert rated(suite.cases[0]).needs_model
    assert not rated(suite.cases[1]).needs_model
