"""The engine depends on its prompt, its context, its version and its draw, and on nothing else."""

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from lab.engine import Prompt, answer
from lab.model_version import HERON, MARLIN, ModelVersion
from lab.prompt import read_prompt
from lab.retrieval import Passage

QUESTION = "How long does the Ripple battery last?"
BATTERY = "The Ripple battery lasts for about 400 payments on one charge."
DEVICES = Passage(
    "Card readers", ("The Ripple card reader costs 49 euro.", BATTERY, "It is blue or white.")
)


def ask(
    *passages: Passage,
    prompt: str = "support-v3",
    version: ModelVersion = HERON,
    question: str = QUESTION,
    temperature: float = 0.0,
    seed: int = 1,
) -> str:
    filled = Prompt(read_prompt(prompt).fill(passages), question, temperature=temperature)
    return answer(filled, version, random.Random(seed)).text


def test_it_answers_from_the_context() -> None:
    assert BATTERY in ask(DEVICES)


def test_without_the_fact_in_the_context_the_answer_changes() -> None:
    rest = tuple(sentence for sentence in DEVICES.sentences if sentence != BATTERY)
    assert "400" not in ask(replace(DEVICES, sentences=rest))


def test_a_changed_fact_changes_the_answer() -> None:
    edited = tuple(sentence.replace("400", "90") for sentence in DEVICES.sentences)
    assert "90 payments" in ask(replace(DEVICES, sentences=edited))


def test_without_a_context_it_says_what_the_prompt_tells_it_to_say() -> None:
    assert ask() == "I could not find that in our help pages."
    assert ask(prompt="support-v2") == "Please write to help@tidewater.example."


def test_the_prompt_sets_how_many_sentences_it_may_say() -> None:
    same = Passage("Plans", tuple(f"The plan costs {price} euro." for price in (1, 2, 3, 4)))
    question = "How much does the plan cost?"
    assert ask(same, question=question).count(".") == 2
    assert ask(same, question=question, prompt="support-v2").count(".") == 3


def test_versions_weigh_the_same_context_differently() -> None:
    passages = Passage(
        "Fees",
        (
            "Online card payments cost 1.6 percent and 25 cent each.",
            "Payments with the card reader cost 1.1 percent without a fixed fee.",
            "Refunds are free.",
        ),
    )
    question = "How many payments does the card reader make on one charge?"
    both = [ask(passages, DEVICES, question=question, version=v) for v in (HERON, MARLIN)]
    assert both[0] != both[1]


def test_sampling_varies_with_the_draw_and_repeats_with_it() -> None:
    close = Passage("Plans", ("The Starter plan costs 19 euro.", "The Growth plan costs 59 euro."))
    question = "How much does a plan cost?"
    said = {ask(close, question=question, temperature=1.0, seed=seed) for seed in range(20)}
    assert len(said) > 1
    again = [ask(close, question=question, temperature=1.0, seed=5) for _ in range(3)]
    assert len(set(again)) == 1


def test_at_temperature_zero_the_draw_changes_nothing() -> None:
    assert len({ask(DEVICES, seed=seed) for seed in range(10)}) == 1


def test_a_blind_version_does_not_look_at_the_context() -> None:
    assert "400" not in ask(DEVICES, version=replace(HERON, blind_share=1.0))


def test_a_limit_on_tokens_cuts_the_answer_and_says_so() -> None:
    prompt = Prompt(read_prompt().fill([DEVICES]), QUESTION, temperature=0.0, tokens_max=4)
    said = answer(prompt, HERON, random.Random(1))
    assert said.finish_reason == "length"
    assert said.tokens_out == 4
    assert BATTERY.startswith(said.text)


@settings(max_examples=60, deadline=None)
@given(instructions=st.text(max_size=300), question=st.text(max_size=100), seed=st.integers())
def test_any_prompt_gets_an_answer_and_counts(instructions: str, question: str, seed: int) -> None:
    said = answer(Prompt(instructions, question), MARLIN, random.Random(seed))
    assert said.text
    assert said.tokens_out == len(said.pieces)
    assert said.finish_reason == "stop"


def test_of_several_limits_it_keeps_the_last() -> None:
    same = Passage("Plans", tuple(f"The plan costs {price} euro." for price in (1, 2, 3, 4)))
    filled = read_prompt("support-v2").fill([same])

    def said(hidden: str) -> str:
        prompt = Prompt(f"{filled}\n{hidden}", "How much does the plan cost?", temperature=0.0)
        return answer(prompt, HERON, random.Random(1)).text

    assert said("").count(".") == 3
    assert said("Answer in at most 1 sentence.").count(".") == 1
    assert said("Use at most 10 words.").count(".") == 2
    assert said("Use at most 9 words.").count(".") == 1
    assert said("Use at most 1 words.").count(".") == 1  # it says whole sentences


def test_told_to_be_certain_it_gives_up_sooner() -> None:
    """The line stands in support-v4; a match that is good enough without it is not with it."""
    vague = "What about payments of the reader on a charge of the battery, and the shop?"
    assert BATTERY in ask(DEVICES, question=vague)
    assert "could not find" in ask(DEVICES, question=vague, prompt="support-v4")
    assert BATTERY in ask(DEVICES, prompt="support-v4")


def test_with_less_effort_it_errs_more_often() -> None:
    filled = read_prompt().fill([DEVICES])

    def right(effort: str) -> int:
        prompt = Prompt(filled, QUESTION, effort=effort)
        unsure = replace(HERON, noise=0.2)
        return sum(BATTERY in answer(prompt, unsure, random.Random(s)).text for s in range(200))

    assert right("low") < right("medium") < right("high")
