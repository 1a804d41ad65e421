"""Loading runbooks: what is right is loaded, and what never ends, or leads nowhere, is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.catalog.runbook_files import find_runbook, load_runbook, runbook_names, sort_of
from gameday.domain.errors import FileError
from gameday.domain.runbook import Ask, Do, Runbook
from gameday.domain.verdict import ExitCode
from tests.gameday.catalog.authored import RUNBOOK, spoil, written


def test_a_runbook(tmp_path):
    runbook = load_runbook(written(tmp_path, RUNBOOK))
    quality, _, _, pin, *_ = runbook.play
    assert isinstance(quality, Ask)
    assert (quality.within, quality.after("inside"), quality.after("outside")) == (
        90.0,
        "well",
        "what",
    )
    assert isinstance(pin, Do)
    assert pin.step.words == "pin_model on component/model"
    assert (pin.attempts, pin.approvals, pin.approve_within, pin.nobody) == (2, 1, 900, "hand_over")
    assert [sort_of(item) for item in runbook.play] == [
        *("question", "question", "step", "step", "question", "wait", "wait", "errand"),
    ]


def test_it_is_the_same_after_a_temporal_payload(tmp_path):
    runbook = load_runbook(written(tmp_path, RUNBOOK))
    assert Runbook.model_validate_json(runbook.model_dump_json()) == runbook


def test_inputs_are_filled_in_from_the_default_or_from_what_is_told(tmp_path):
    path = written(tmp_path, RUNBOOK)
    assert load_runbook(path).item("hand_over").settings["question"].startswith("primary is worse")
    told = load_runbook(path, {"provider": "secondary"}).item("hand_over")
    assert told.settings["question"] == "secondary is worse. What now?"


WRONG = [
    (
        "inside: well",
        "insid: well",
        "6:69",
        "the question 'envelope' never answers 'insid'; expected one of",
    ),
    (
        "otherwise: what",
        "unknown: what",
        "6:59",
        "nothing is said of the answer 'outside' or 'undecided'",
    ),
    ("ask: envelope", "ask: envelop", "6:23", "unknown question 'envelop'; did you"),
    ("margin: 0.1", "margin: 1.1", "6:41", "expected less than 1, found 1.1"),
    ("within: 90s", "witin: 90s", "6:46", "unknown key 'witin'; did you mean 'within'?"),
    ("within: 90s", "within: 90", "6:54", "expected a duration such as 20s, 500ms or 5m"),
    ("model: pin", "model: pn", "7:53", "'what' leads to 'pn', which is no item"),
    ("then: again}", "then: what}", "8:75", "'prompt' leads to 'what', which comes no later"),
    ("then: again}", "then: prompt}", "8:75", "'prompt' leads to 'prompt', which comes no later"),
    ("do: pin_model", "do: pin_modl", "10:9", "unknown step 'pin_modl'; did you mean 'pin_model'"),
    (
        "component/model",
        "component/corpus",
        "11:9",
        "step 'pin_model' changes component/model, found",
    ),
    ("attempts: 2", "atempts: 2", "12:5", "unknown key 'atempts'; did you mean 'attempts'?"),
    ("attempts: 2", "attempts: 0", "12:15", "expected greater than or equal to 1, found 0"),
    ("approvals: 1", "approvals: 0", "15:13", "nobody is asked about it; expected `approvals`"),
    ("name: well", "name: end", "25:12", "the name 'end' is reserved; expected another one"),
    ("name: settle", "name: pin", "24:12", "two items are called 'pin'; expected a name for each"),
    (
        "inside: well, otherwise: undo_all",
        "otherwise: undo_all",
        "25:12",
        "nothing leads to 'well'; expected a way there",
    ),
    (
        "    choices: {wait: settle, leave: end}\n",
        "",
        "19:5",
        "ask_person needs `choices`: each answer",
    ),
    ("    nobody: settle\n", "", "19:5", "choices need `nobody`, which says where"),
    ("{{provider}} is", "{{provder}} is", "19:5", "'{{provder}}' is no input of it; did you mean"),
    ("is: [met]", "is: []", "24:5", "a question needs `is`, the answers that are"),
    ("ask: slo,", "ask: slos,", "24:52", "unknown question 'slos'; did you mean 'slo'?"),
    (
        "say: All",
        "on: component/model, say: All",
        "25:34",
        "'notify' is an errand, which has no 'on'",
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "place", "said"), WRONG, ids=[f"{w[2]}-{w[1].strip()}"[:40] for w in WRONG]
)
def test_a_wrong_runbook_says_where(tmp_path, old, new, place, said):
    text = RUNBOOK.replace(old, new, 1)
    if said.startswith("nothing leads"):
        text = text.replace("inside: well, ", "inside: what, ")
        text = text.replace("if_not: end}", "if_not: end, then: end}")
    path = written(tmp_path, text)
    with pytest.raises(FileError) as told:
        load_runbook(path)
    assert told.value.exit_code is ExitCode.BAD_FILE
    assert told.value.sentence.startswith(f"{path}:{place}  {said}")
    assert told.value.next_step == "gameday schema runbook"


def test_an_input_that_it_does_not_have_is_refused(tmp_path):
    with pytest.raises(FileError, match=r"it has no input 'provder'; did you mean 'provider'\?"):
        load_runbook(written(tmp_path, RUNBOOK), {"provder": "secondary"})


def test_an_input_without_a_default_must_be_said(tmp_path):
    text = spoil(RUNBOOK, "{default: primary}", "{about: Which one}")
    path = written(tmp_path, text)
    with pytest.raises(FileError, match=r"'provider' has no default.*--input provider="):
        load_runbook(path)
    assert load_runbook(path, {"provider": "primary"})


def test_an_unknown_name_offers_the_nearest(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "own-one.yaml").write_text(RUNBOOK)
    assert find_runbook("own-one").name == "own-one.yaml"
    assert ("own-one", "The answers got worse behind the same name") in [
        (name, title) for name, title, _ in runbook_names()
    ]
    with pytest.raises(FileError, match=r"unknown runbook 'own-on'; did you mean 'own-one'\?"):
        find_runbook("own-on")


names = st.sampled_from(["a", "b", "c", "d", "end", "undo_all"])
deeds = st.fixed_dictionaries(
    {"do": st.just("notify"), "name": names},
    optional={"then": names, "if_not": names},
)


@given(st.lists(deeds, min_size=1, max_size=5))
def test_whatever_is_taken_ends(play):
    """Any play that is no error can be followed to its end, in no more steps than it has items."""
    try:
        runbook = Runbook.model_validate(
            {"runbook": "any", "title": "Any", "purpose": "To end.", "play": play}
        )
    except ValueError:
        return
    for item in runbook.play:
        for place in (item.then or runbook.following(item.name), item.if_not or "end"):
            order = [one.name for one in runbook.play]
            assert place in ("end", "undo_all") or order.index(place) > order.index(item.name)
