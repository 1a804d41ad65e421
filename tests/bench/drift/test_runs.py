"""How a run draws: nothing is recorded and new at once, every prompt once a round."""

import random
from itertools import islice

import pytest

from bench.drift.answers import read_answers
from bench.drift.null_streams import Law, highest_evidence, verdict_at_the_margin
from bench.drift.runs import _divided, _rounds
from gameday.domain.quality_envelope import Verdict
from tests.bench.drift import recording


def test_the_reference_is_divided():
    base = {"p": list(range(80)), "q": list(range(80))}
    recorded, new = _divided(base, base, 40, random.Random(1))
    for prompt, answers in base.items():
        assert len(new[prompt]) == 20
        assert sorted(recorded[prompt] + new[prompt]) == answers


def test_of_the_reference_at_most_half_is_new():
    base = {"p": list(range(30))}
    recorded, new = _divided(base, base, 650, random.Random(1))
    assert (len(recorded["p"]), len(new["p"])) == (15, 15)


def test_of_another_variant_its_own_prompts_count():
    recorded, new = _divided({"p": [1, 2], "q": [3]}, {"q": [7, 8]}, 650, random.Random(1))
    assert recorded == {"q": [3]}
    assert sorted(new["q"]) == [7, 8]


def test_each_prompt_comes_once_a_round_while_its_answers_last():
    new = {"a": [1, 2, 3], "b": [4], "c": [5, 6]}
    came = list(_rounds(new, random.Random(1)))
    assert [sorted(p for p, _ in came[i:j]) for i, j in ((0, 3), (3, 5), (5, 6))] == [
        ["a", "b", "c"],
        ["a", "c"],
        ["a"],
    ]
    assert sorted(answer for _, answer in came) == [1, 2, 3, 4, 5, 6]
    assert new["a"] == [1, 2, 3]


def test_made_up_streams_are_new_each_time_and_looks_only_miss(tmp_path):
    law = Law(seed=1)
    streams = [highest_evidence(law, f"null {stream}") for stream in range(4)]
    assert len({tuple(most.values()) for most in streams}) == 4
    for most in streams:
        every, ten, last = most.values()
        assert every >= ten >= last


@pytest.mark.parametrize("uneven", [False, True])
def test_at_the_margin_hardly_a_verdict_comes(uneven):
    found = [verdict_at_the_margin(f"m {n}", alpha=0.01, uneven=uneven) for n in range(30)]
    assert found.count(Verdict.UNDECIDED) >= 27


def test_a_recording_is_replayed_alike(tmp_path):
    answers = read_answers(recording.write(tmp_path / "a.jsonl"))
    order = [list(islice(_rounds(answers["same"].sketches, random.Random("x")), 9)) for _ in "ab"]
    assert order[0] == order[1]
