"""Loading files: what is right is loaded, and what is wrong says where and what was expected."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gameday.catalog.files import (
    drill_names,
    find_drill,
    find_game_day,
    game_day_names,
    load_components,
    load_drill,
    load_game_day,
    load_policy,
    load_shadows,
    load_target,
)
from gameday.catalog.suite_files import load_suite
from gameday.domain.drill import Requests, Until
from gameday.domain.errors import FileError
from gameday.domain.verdict import ExitCode
from tests.gameday.catalog.authored import DRILL, GAME_DAY, POLICY, SUITE, TARGET, spoil, written


def refusal(load, path, *args) -> FileError:
    with pytest.raises(FileError) as told:
        load(path, *args)
    assert told.value.exit_code is ExitCode.BAD_FILE
    assert "\n" not in told.value.sentence
    assert told.value.next_step
    return told.value


def test_a_drill(tmp_path):
    drill = load_drill(written(tmp_path, DRILL))
    assert drill.windows.recovered == Until(until="all_good", at_most="90s")
    assert drill.load.rate == 20.0
    assert drill.checks[0].settings == {"to": "secondary", "within": "2s"}


def test_a_target_a_policy_and_a_suite(tmp_path):
    assert load_target(written(tmp_path, TARGET)).slos.get("latency_p95").at_most == 1.0
    assert load_policy(written(tmp_path, POLICY)).allow[0].lease_max == 60.0
    assert [case.case for case in load_suite(written(tmp_path, SUITE)).cases] == [
        "refund",
        "price",
    ]


WRONG_DRILLS = [
    ("faults:", "fault:", "10:1", "unknown key 'fault'; did you mean 'faults'?"),
    ("drill: prov", "xyz: 1\ndrill: prov", "1:1", "unknown key 'xyz'; expected one of abort_when"),
    ("title: The primary provider goes dark\n", "", "1:1", "missing key 'title'; expected text"),
    ("title: The", "title: 5 #", "2:8", "expected a valid string, found 5"),
    ("title: The", "title: '' #", "2:8", "expected text with at least 1 character, found"),
    ("target: lab", "target: Lab", "4:9", "expected text such as 'provider-outage' (pattern"),
    ("20/s", "20", "5:14", "expected a rate such as 20/s or 600/m, found 20"),
    ("suite: support}", "suite: support, stream: yes}", "5:44", "expected a valid boolean, found"),
    ("load: {", "load: [] #{", "5:7", "expected a mapping of keys to values, found []"),
    ("baseline: 20s", "baseline: 20", "7:13", "expected a duration such as 20s, 500ms or 5m"),
    ("baseline: 20s", "baseline: {requests: 0}", "7:24", "expected greater than or equal to 1"),
    ("baseline: 20s", "baseline: {request: 9}", "7:14", "unknown key 'request'; did you mean"),
    ("until: all_good", "until: all", "9:22", "expected 'all_good', found \"all\""),
    ("at_most: 90s", "at_mos: 90s", "9:32", "unknown key 'at_mos'; did you mean 'at_most'?"),
    (", at_most: 90s", "", "9:14", "missing key 'at_most'; expected text such as '20s'"),
    ("faulted: 30s", "faulted: 30", "8:12", "expected a duration such as 20s"),
    ("faulted: 30s", "faulted: ~", "7:3", "expected exactly one of faulted (the fault is there)"),
    ("faulted: 30s", "faulted: 30s\n  peak: 30s", "7:3", "expected exactly one of faulted (the f"),
    ("faulted: 30s", "peak: 30s", "1:1", "a drill with faults has the window faulted, one without"),
    ("connection_refused", "connection_refusd", "11:11", "unknown fault 'connection_refusd'; did"),
    ("connection_refused", "latency", "11:5", "missing key 'latency_ms'"),
    ("- kind: connection_refused\n    on", "- on", "11:5", "missing key 'kind'"),
    ("provider/primary", "primary", "12:9", "expected text such as 'provider/primary'"),
    ("provider/primary", "provider/primary\n    scope: marked", "13:12", "fault 'connection_ref"),
    ("provider/primary", "provider/primary\n    scope: al", "13:12", "expected 'all', 'share' or"),
    (
        "provider/primary",
        "provider/primary\n    depth: 3",
        "13:5",
        "unknown key 'depth'; expected one of kind, on, scope",
    ),
    ("{kind: fallback", "{kind: fallbak", "14:12", "unknown check 'fallbak'; did you mean"),
    ("to: secondary, ", "", "14:5", "missing key 'to'"),
    ("within: 2s", "witin: 2s", "14:37", "unknown key 'witin'; did you mean 'within'?"),
    ("within: 2s", "within: 2", "14:45", "expected a duration such as 20s, 500ms or 5m, found 2"),
    ("within: 2s", "within: 2s, max_hops: '1'", "14:59", 'expected a valid integer, found "1"'),
    ("within: 2s", "within: 2s, max_hops: .inf", "14:59", "expected a"),
    ("name: availability", "settings: {name: x}", "15:17", "unknown key 'settings'; write each"),
    ("name: availability", "name: P 95", "15:23", "expected text such as 'provider-outage'"),
]


@pytest.mark.parametrize(
    ("old", "new", "place", "said"), WRONG_DRILLS, ids=[f"{w[2]}-{w[1]}"[:40] for w in WRONG_DRILLS]
)
def test_a_wrong_drill(tmp_path, old, new, place, said):
    path = written(tmp_path, spoil(DRILL, old, new))
    error = refusal(load_drill, path)
    assert error.sentence.startswith(f"{path}:{place}  {said}")
    line, column = (int(part) for part in place.split(":"))
    shown, caret = error.excerpt.splitlines()
    assert shown == f"  {line} | {path.read_text().splitlines()[line - 1]}"
    assert caret.index("^") - caret.index("|") - 2 == column - 1
    assert error.next_step == "gameday schema drill"


def test_a_drill_whose_checks_are_an_empty_list_is_refused(tmp_path):
    text = DRILL[: DRILL.index("checks:")] + "checks: []\n"
    path = written(tmp_path, text)
    line = text.splitlines().index("checks: []") + 1
    said = f"{path}:{line}:9  expected at least 1 here, found 0"
    assert refusal(load_drill, path).sentence == said


def test_a_drill_without_faults_needs_a_load_that_goes_up(tmp_path):
    faults, checks = DRILL.index("faults:"), DRILL.index("checks:")
    text = DRILL[:faults] + "faults: []\n" + DRILL[checks:]
    said = refusal(load_drill, written(tmp_path, text)).sentence
    assert "a drill with faults has the window faulted, one without any the window peak" in said
    text = text.replace("faulted: 30s", "peak: 30s")
    said = refusal(load_drill, written(tmp_path, text)).sentence
    assert (
        "nothing is broken and the load never goes up (20/s): such a drill proves nothing" in said
    )
    down = text.replace("suite: support}", "suite: support, stages: [{to: 10/s, over: 5s}]}")
    said = refusal(load_drill, written(tmp_path, down)).sentence
    assert "the load never goes up (20/s, to 10/s over 5 s)" in said
    up = text.replace("suite: support}", "suite: support, stages: [{to: 21/s, over: 5s}]}")
    assert load_drill(written(tmp_path, up)).windows.peak == 30.0


def test_a_drill_without_checks_is_refused(tmp_path):
    path = written(tmp_path, DRILL[: DRILL.index("checks:")])
    assert "missing key 'checks'" in refusal(load_drill, path).sentence


def test_two_faults_on_one_resource(tmp_path):
    more = "  - {kind: latency, latency_ms: 9, on: provider/primary}\nchecks:"
    path = written(tmp_path, spoil(DRILL, "checks:", more))
    assert "would overlap" in refusal(load_drill, path).sentence


CHECK = "{kind: slo, name: availability}"


@pytest.mark.parametrize(
    ("proof", "said"),
    [
        ("scorer: {kind: contians, any: [x]}", "complete_answers: unknown scorer 'contians'; did"),
        ("scorer: {kind: regex}", "complete_answers: missing key 'pattern'"),
        ("schema: {type: strin}", "complete_answers: not a JSON Schema"),
        ("sentinel: '('", "not a regular expression"),
        ("at_least: 0.9", "expected exactly one of sentinel, schema and scorer"),
        ("sentinel: a, schema: {}", "expected exactly one of sentinel, schema and scorer"),
    ],
)
def test_what_a_check_asks_to_be_scored_is_tried_too(tmp_path, proof, said):
    wrong = spoil(DRILL, CHECK, f"{{kind: complete_answers, {proof}}}")
    path = written(tmp_path, wrong)
    sentence = refusal(load_drill, path).sentence
    assert sentence.startswith(f"{path}:15:")
    assert said in sentence


def test_two_checks_must_not_score_answers_under_one_name(tmp_path):
    both = "{kind: complete_answers, sentinel: a}\n  - {kind: complete_answers, sentinel: b}"
    path = written(tmp_path, spoil(DRILL, CHECK, both))
    said = f"{path}:16:5  two checks score answers as 'complete_answers'; give each a `name`"
    assert refusal(load_drill, path).sentence == said
    named = both.replace("sentinel: b", "sentinel: b, name: second")
    assert len(load_drill(written(tmp_path, spoil(DRILL, CHECK, named))).checks) == 3


@pytest.mark.parametrize("text", ["[]", "5", "text", "~", "- a", "''"])
def test_no_mapping_at_the_top(tmp_path, text):
    for load in (load_drill, load_target, load_policy, load_suite):
        error = refusal(load, written(tmp_path, text))
        assert "1:1  expected a mapping of keys to values at the top" in error.sentence


@pytest.mark.parametrize(
    ("load", "text", "old", "new", "said"),
    [
        (load_target, TARGET, "openai", "opena", "expected 'openai', 'anthropic' or"),
        (load_target, TARGET, "env:LAB_KEY", "secret", "expected text such as 'env:OPENAI_KEY'"),
        (load_target, TARGET, "http://127.0.0.1:8470", "ftp://x", "expected text such as 'http"),
        (load_target, TARGET, "at_least: 0.995", "at_most: 1s", "slo availability: availability"),
        (load_target, TARGET, "at_least: 0.995", "at_least: 1", "expected less than 1, found 1"),
        (load_target, TARGET, "latency_p95", "latency_p96", "did you mean 'latency_p9"),
        (load_target, TARGET, "  primary:", "  Primary:", "expected text"),
        (load_target, TARGET, "0.4", "-1", "expected greater than or equal to 0, found -1"),
        (load_policy, POLICY, "lease_max: 60s", "lease_mx: 60s", "did you mean 'lease_max'?"),
        (load_policy, POLICY, "[all]", "all", 'expected a list, found "all"'),
        (load_policy, POLICY, '[latency, "connection_*"]', "[]", "expected at least 1 here"),
        (load_suite, SUITE, "contains", "contain", "unknown scorer 'contain'; did you mean"),
        (load_suite, SUITE, "any: [30 days]", "", "expected at least one phrase under"),
        (load_suite, SUITE, "\\d+ euros", "(", "not a regular expression"),
        (load_suite, SUITE, "case: price", "case: refund", "duplicate case 'refund'; the first is"),
        (
            load_suite,
            SUITE,
            "question: What does it cost?",
            "",
            "expected exactly one of question",
        ),
    ],
)
def test_other_wrong_files(tmp_path, load, text, old, new, said):
    path = written(tmp_path, spoil(text, old, new))
    error = refusal(load, path)
    assert said in error.sentence
    assert error.sentence.startswith(f"{path}:")
    assert "^" in error.excerpt


def test_the_second_of_two_cases_is_pointed_at(tmp_path):
    path = written(tmp_path, spoil(SUITE, "case: price", "case: refund"))
    assert refusal(load_suite, path).sentence.startswith(f"{path}:6:11  duplicate case 'refund'")
    assert refusal(load_suite, path).sentence.endswith("line 3")


def test_overrides(tmp_path):
    path = written(tmp_path, DRILL)
    drill = load_drill(
        path,
        [
            "windows.faulted=5s",
            "windows.baseline={requests: 100}",
            "checks.0.within=1s",
            "checks.0.max_hops=2",
            "lease=12s",
            "title=A = b",
        ],
    )
    assert drill.windows.faulted == 5.0
    assert drill.windows.baseline == Requests(requests=100)
    assert drill.checks[0].settings == {"to": "secondary", "within": "1s", "max_hops": 2}
    assert (drill.lease, drill.title) == (12.0, "A = b")
    assert load_drill(path, ["windows.faulted=5s", "windows.faulted=6s"]).windows.faulted == 6.0
    whole = "windows={baseline: 1s, faulted: 2s, recovered: 3s}"
    assert load_drill(path, ["windows.faulted=abc", whole]).windows.faulted == 2.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("windows.faulted=abc", "expected a duration such as 20s, 500ms or 5m, found 'abc'"),
        ("windows.faulted=5", "expected a duration"),
        ("windows.fauled=5s", "unknown key 'fauled'; did you mean 'faulted'?"),
        ("windos.faulted=5s", "found no 'windos' in the file; did you mean 'windows'?"),
        ("checks.0.withn=5s", "unknown key 'withn'; did you mean 'within'?"),
        ("checks.0.within=5", "expected a duration"),
        ("checks.2.within=5s", "found '2'; expected a position from 0 to 1"),
        ("checks.-1.within=5s", "found '-1'; expected a position"),
        ("checks.\u0663.within=5s", "expected a position"),
        ("checks=[]", "expected at least 1 here, found 0"),
        ("checks.1={kind: nope}", "unknown check 'nope'"),
        ("faults.0.scope=marked", "fault 'connection_refused' supports scope all, found 'marked'"),
        ("drill.x=1", "found \"provider-outage\" before 'x'; expected keys or a list there"),
        ("windows.faulted=", "found nothing after '='; expected a value"),
        ("windows.faulted=[1", "is not valid YAML"),
        ("windows.faulted=&a 5s", "found anchor &a"),
        ("windows.faulted={a: 1, a: 2}", "duplicate key 'a'"),
        ("windows.faulted", "expected a path and a value, such as windows.faulted=5s"),
        ("=5s", "expected a path and a value"),
        ("windows..faulted=5s", "expected a path and a value"),
        ("title=~", "expected a valid string, found null"),
    ],
)
def test_wrong_overrides_name_themselves(tmp_path, text, said):
    error = refusal(load_drill, written(tmp_path, DRILL), [text])
    assert error.sentence.startswith(f"--set {text}  ")
    assert said in error.sentence


def test_what_is_wrong_in_the_file_stays_the_files(tmp_path):
    path = written(tmp_path, spoil(DRILL, "20/s", "20"))
    error = refusal(load_drill, path, ["windows.faulted=5s"])
    assert error.sentence.startswith(f"{path}:5:14")


def test_an_override_can_mend_the_file(tmp_path):
    path = written(tmp_path, spoil(DRILL, "20/s", "20"))
    assert load_drill(path, ["load.rate=10/s"]).load.rate == 10.0


def test_the_shipped_drills():
    shipped = {name: path for name, _, path in drill_names()}
    assert {"provider-outage", "provider-slow", "noop"} <= set(shipped)
    for name, title, path in drill_names():
        drill = load_drill(path)
        assert drill.drill == name
        assert drill.title == title
        assert "# yaml-language-server: $schema=" in path.read_text().splitlines()[0]


def test_find_drill(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_drill("somewhere/else.yaml") == Path("somewhere/else.yaml")
    shipped = find_drill("provider-outage")
    assert shipped.is_absolute()
    (tmp_path / "drills").mkdir()
    written(tmp_path / "drills", DRILL, "provider-outage.yaml")
    written(tmp_path / "drills", "broken: [", "mine.yaml")
    assert find_drill("provider-outage") == Path("drills/provider-outage.yaml")
    assert find_drill("mine") == Path("drills/mine.yaml")
    titles = {name: title for name, title, _ in drill_names()}
    assert titles["mine"].startswith("cannot be run: drills/mine.yaml:")
    assert titles["noop"] == load_drill(find_drill("noop")).title


def test_an_unknown_drill_names_the_nearest():
    with pytest.raises(FileError, match="unknown drill 'provider-outag'; did you mean 'provider-o"):
        find_drill("provider-outag")
    with pytest.raises(FileError, match="unknown drill 'zzz'; expected one of auth-masks-outage"):
        find_drill("zzz")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["kind", "on", "settings", "a", "requests"]), inner)
    ),
    max_leaves=6,
)
places = st.sampled_from(
    [
        "title",
        "load",
        "windows",
        "windows.faulted",
        "windows.recovered",
        "faults",
        "faults.0",
        "faults.0.kind",
        "lease",
        "faults.0.on",
        "faults.0.scope",
        "checks",
        "checks.0",
        "checks.0.to",
        "checks.1.name",
        "abort_when",
        "new.",
    ]
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=places, value=values)
def test_whatever_stands_anywhere_is_loaded_or_refused(tmp_path, place, value):
    """No value at any place makes anything but a drill or one sentence."""
    path = written(tmp_path, DRILL)
    text = f"{place}={_flow(value)}"
    try:
        drill = load_drill(path, [text])
    except FileError as error:
        assert error.sentence.startswith(("--set ", str(path)))  # noqa: PT017 - both are right
    else:
        assert drill.checks


def _flow(value) -> str:
    """`value` in YAML's flow form, escapes and all."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(inner) for inner in value) + "]"
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(character):08x}" for character in value) + '"'
    return {None: "~", True: "true", False: "false"}.get(value, str(value))


PINNED = "respond:\n  - {step: pin_model, to: previous}\n"


def answered(text: str = DRILL) -> str:
    text = spoil(text, "faulted: 30s", "faulted: 30s\n  responded: 20s")
    return spoil(text, "checks:", PINNED + "checks:")


def test_a_drill_with_a_response(tmp_path):
    step = load_drill(written(tmp_path, answered())).respond[0]
    assert (step.kind, step.on, step.settings) == (
        "pin_model", "component/model", {"to": "previous"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("pin_model", "pin_modle", "unknown step 'pin_modle'; did you mean 'pin_model'?"),
        ("to: previous", "too: previous", "unknown key 'too'; did you mean 'to'?"),
        ("to: previous", "to: [1]", "expected"),
        ("{step:", "{kind:", "missing key 'step'"),
        (
            "to: previous",
            "on: component/corpus",
            "step 'pin_model' changes component/model, found \"component/corpus\"",
        ),
        ("to: previous", "on: provider/model", "step 'pin_model' changes component/model, found"),
        ("to: previous", "settings: {to: x}", "unknown key 'settings'; write each"),
    ],
)
def test_a_wrong_step_says_where(tmp_path, old, new, said):
    path = written(tmp_path, spoil(answered(), old, new))
    error = refusal(load_drill, path)
    line = next(n for n, text in enumerate(path.read_text().splitlines(), 1) if new in text)
    assert error.sentence.startswith(f"{path}:{line}:")
    assert said in error.sentence


EDITED = """\
faults:
  - kind: corpus_edit
    on: component/corpus
    variant: deleted
    delete: [refunds.md]
respond:
  - {step: revert_corpus, on: component/corpus, to: before}
checks:
"""


def edited() -> str:
    head, _, rest = DRILL.partition("faults:")
    text = spoil(head, "faulted: 30s", "faulted: 30s\n  responded: 20s")
    return text + EDITED + rest.partition("checks:\n")[2]


def test_a_drill_that_edits_a_component_and_takes_that_back(tmp_path):
    drill = load_drill(written(tmp_path, edited()))
    assert drill.changed_components == ("component/corpus",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "on: component/corpus\n",
            "on: provider/primary\n",
            "fault 'corpus_edit' is for component/corpus, found \"provider/primary\"",
        ),
        (
            "on: component/corpus, to",
            "on: component/index, to",
            "goes back to what was before a fault on component/index, and this drill has none",
        ),
        ("variant: deleted", "variant: stale", "stale needs put"),
        ("delete: [refunds.md]", "delete: [refunds.md]\n    scope: marked", "supports scope all"),
    ],
    ids=["on a provider", "nothing before", "nothing put", "for some alone"],
)
def test_a_wrong_edit_says_where(tmp_path, old, new, said):
    path = written(tmp_path, spoil(edited(), old, new))
    error = refusal(load_drill, path)
    assert error.sentence.startswith(f"{path}:")
    assert said in error.sentence


def test_a_provider_fault_on_a_component_is_refused(tmp_path):
    path = written(tmp_path, spoil(DRILL, "on: provider/primary", "on: component/corpus"))
    assert "is for provider/NAME, found" in refusal(load_drill, path).sentence


CORPUS = """
components:
  corpus:
    backend: files
    folder: corpus
    shared: true
    shadow: {folder: corpus-shadow}
"""


def test_a_shadow_is_the_same_backend_elsewhere(tmp_path):
    path = written(tmp_path, TARGET + CORPUS)
    assert load_components(path)["corpus"].folder == "corpus"
    assert load_shadows(path)["corpus"].folder == "corpus-shadow"


@pytest.mark.parametrize(
    ("shadow", "said"),
    [
        ("{fodler: x}", "unknown key 'fodler'; did you mean 'folder'?"),
        ("{folder: corpus}", "the shadow is the component itself"),
        ("[x]", "expected"),
    ],
)
def test_a_wrong_shadow_says_where(tmp_path, shadow, said):
    text = CORPUS.replace("{folder: corpus-shadow}", shadow)
    path = written(tmp_path, TARGET + text)
    error = refusal(load_target, path)
    line = next(n for n, text in enumerate(path.read_text().splitlines(), 1) if "shadow" in text)
    assert error.sentence.startswith(f"{path}:{line}:")
    assert said in error.sentence


def test_a_game_day_is_known_by_its_first_key(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drills").mkdir()
    written(tmp_path / "drills", "# ours\n\n" + GAME_DAY, "ours.yaml")
    written(tmp_path / "drills", "game_day: broken\n", "broken.yaml")
    days = {name: title for name, title, _ in game_day_names()}
    assert days["ours"] == "The quarter's rehearsal"
    assert days["broken"].startswith("cannot be run: drills/broken.yaml:1:1  missing key")
    assert {"quarterly", "ours", "broken"}.isdisjoint(name for name, _, _ in drill_names())
    assert find_game_day("ours") == Path("drills/ours.yaml")
    assert find_game_day("elsewhere/a.yaml") == Path("elsewhere/a.yaml")
    with pytest.raises(FileError, match="quarterly is a game day, not a drill"):
        find_drill("quarterly")
    with pytest.raises(FileError, match="unknown game day 'quarterl'; did you mean 'quarterly'"):
        find_game_day("quarterl")


def test_the_shipped_game_day_has_drills_that_are_there():
    day = load_game_day(find_game_day("quarterly"))
    assert [load_drill(find_drill(entry.drill)).drill for entry in day.drills]
    assert day.schedule is not None


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("approves: [cyd]", "approves: []", "1:1", "expected people.approves to name somebody"),
        ("paged: [bo]", "paged: []", "1:1", "expected people.paged to name somebody"),
        ("stop_on: [failed]", "stop_on: [passed]", "1:1", "a drill that passed stops nothing"),
        ("first tuesday", "last tuesday", "11:3", "found 'last tuesday'"),
        ("Europe/Berlin", "Berlin", "14:14", "expected a time zone of the IANA database"),
        ("2026-12-18", "2027-12-18", "16:13", "before it begins"),
        ("stop_on:", "stops_on:", "9:1", "unknown key 'stops_on'; did you mean 'stop_on'?"),
    ],
)
def test_a_wrong_game_day_is_pointed_at(tmp_path, old, new, place, said):
    path = written(tmp_path, spoil(GAME_DAY, old, new))
    error = refusal(load_game_day, path)
    assert error.sentence.startswith(f"{path}:{place}  "), error.sentence
    assert said in error.sentence
    assert error.next_step == "gameday schema game_day"
