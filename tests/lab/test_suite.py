"""The suite over the lab's own retrieval and engine, without a process: quality, cost, variety."""

import importlib
import random
import subprocess
from collections import Counter
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from statistics import fmean

import pytest
from ruamel.yaml import YAML

from gameday.domain.scorer import Answered, Scorer
from gameday.domain.suite import Case, Suite
from lab.assistant.order_passage import no_order_passage, order_passage
from lab.content import RECHUNKED, make_content
from lab.engine import Answer, Prompt, answer
from lab.files import SUITE, make_target
from lab.model_version import HERON, HERON_UPDATE, MARLIN, ModelVersion
from lab.order_tool.orders import ORDER_NUMBER, find_order
from lab.prompt import CURRENT, read_prompt
from lab.retrieval import Corpus, Passage, read_corpus

REPETITIONS = 8


@cache
def suite() -> Suite:
    return Suite.model_validate(YAML(typ="safe").load(SUITE))


@cache
def scorer_class(kind: str) -> type[Scorer]:
    module = importlib.import_module(f"gameday.scorers.{kind}")
    found = [
        thing
        for thing in vars(module).values()
        if isinstance(thing, type)
        and issubclass(thing, Scorer)
        and thing.__module__ == module.__name__
    ]
    assert len(found) == 1
    return found[0]


def quality(case: Case, said: Answer) -> float:
    scorers = [scorer_class(spec.kind).model_validate(spec.settings) for spec in case.scorers]
    return fmean(scorer.score(Answered(said.text)) for scorer in scorers)


@cache
def filled(question: str, prompt: str = CURRENT, corpus: Corpus | None = None) -> Prompt:
    passages: list[Passage] = (corpus or read_corpus()).best(question)
    if named := ORDER_NUMBER.search(question):
        order = find_order(named[0])
        tool = order_passage(asdict(order)) if order else no_order_passage(named[0])
        passages = [tool, *passages]
    return Prompt(read_prompt(prompt).fill(passages), question)


@dataclass(frozen=True)
class Scores:
    by_case: dict[str, list[float]]
    usual: dict[str, str]  # the commonest answer of each case
    tokens_in: float
    tokens_out: float

    @property
    def mean(self) -> float:
        return fmean(fmean(scores) for scores in self.by_case.values())

    @property
    def variance_within_case(self) -> float:
        means = {case: fmean(scores) for case, scores in self.by_case.items()}
        squares = [
            (score - means[case]) ** 2 for case, scores in self.by_case.items() for score in scores
        ]
        return sum(squares) / (len(squares) - len(means))


@cache
def evaluate(
    version: ModelVersion, seed: int, prompt: str = CURRENT, corpus: Corpus | None = None
) -> Scores:
    draw = random.Random(seed)
    said = {
        case.case: [
            answer(filled(case.question, prompt, corpus), version, draw) for _ in range(REPETITIONS)
        ]
        for case in suite().cases
    }
    every = [one for answers in said.values() for one in answers]
    return Scores(
        by_case={
            case.case: [quality(case, one) for one in said[case.case]] for case in suite().cases
        },
        usual={
            case: Counter(one.text for one in answers).most_common(1)[0][0]
            for case, answers in said.items()
        },
        tokens_in=fmean(one.tokens_in for one in every),
        tokens_out=fmean(one.tokens_out for one in every),
    )


def cost_usd(scores: Scores, model: str, *, price_factor: float = 1.0) -> float:
    logs = {"primary": "http://127.0.0.1:1/log", "secondary": "http://127.0.0.1:2/log"}
    target = make_target(
        injector="http://127.0.0.1:3",
        front_door="http://127.0.0.1:4/v1",
        order_tool="http://127.0.0.1:5",
        orders="http://127.0.0.1:6",
        logs=logs,
        secondary_model=MARLIN.name,
        secondary_price_factor=price_factor,
    )
    price = target.prices[model]
    per_mtok = (
        scores.tokens_in * price.input_usd_per_mtok + scores.tokens_out * price.output_usd_per_mtok
    )
    return per_mtok / 1e6


def test_the_suite_has_the_groups_and_the_size_that_drills_need() -> None:
    names = [case.case for case in suite().cases]
    assert len(names) >= 120
    assert len(set(names)) == len(names)
    groups = Counter(case.group for case in suite().cases)
    assert set(groups) == {"retrieval", "tool", "short", "long", "unanswerable"}
    assert min(groups.values()) >= 4


def test_the_suite_file_is_plain_yaml() -> None:
    text = SUITE.read_text()
    assert not [line for line in text.splitlines() if "&" in line or "!!" in line or ": *" in line]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_primary_scores_well_and_the_secondary_a_little_worse(seed: int) -> None:
    primary, secondary = evaluate(HERON, seed), evaluate(MARLIN, seed)
    assert 0.92 <= primary.mean <= 0.97
    assert 0.88 <= secondary.mean <= 0.94
    assert 0.01 <= primary.mean - secondary.mean <= 0.05


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_two_answer_differently_on_a_tenth_of_the_cases(seed: int) -> None:
    primary, secondary = evaluate(HERON, seed), evaluate(MARLIN, seed)
    differing = [case for case, text in primary.usual.items() if secondary.usual[case] != text]
    assert len(differing) >= 0.1 * len(suite().cases)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_update_is_far_outside_a_margin_of_ten_points(seed: int) -> None:
    before, after = evaluate(HERON, seed), evaluate(HERON_UPDATE, seed)
    assert 0.25 <= before.mean - after.mean <= 0.37
    unanswerable = [case.case for case in suite().cases if case.group == "unanswerable"]
    was, became = (
        fmean(fmean(scores.by_case[case]) for case in unanswerable) for scores in (before, after)
    )
    assert was < became  # it is better where its makers may have looked


def test_the_cautious_prompt_is_far_outside_a_margin_of_ten_points() -> None:
    """What the drills about prompts change to, and the version before, which is nearly as good."""
    now = evaluate(HERON, 1).mean
    assert 0.25 <= now - evaluate(HERON, 1, "support-v4").mean <= 0.40
    assert now - evaluate(HERON, 1, "support-v2").mean < 0.05


def test_pages_that_were_cut_into_pieces_are_far_outside_a_margin_of_ten_points(
    tmp_path: Path,
) -> None:
    make_content(tmp_path / "content", CURRENT)
    checkout = ("git", "checkout", "--quiet", RECHUNKED)
    subprocess.run(checkout, cwd=tmp_path / "content", check=True)
    chunks = read_corpus(tmp_path / "content/corpus")
    worse = evaluate(HERON, 1).mean - evaluate(HERON, 1, corpus=chunks).mean
    assert 0.18 <= worse <= 0.32


@pytest.mark.parametrize("version", [HERON, MARLIN], ids=lambda version: version.name)
def test_answers_vary_between_repetitions_but_not_wildly(version: ModelVersion) -> None:
    variance = evaluate(version, 1).variance_within_case
    assert 0.005 < variance < 0.04


@pytest.mark.parametrize("version", [HERON, HERON_UPDATE, MARLIN], ids=lambda version: version.name)
def test_every_answer_ends_as_a_sentence_does(version: ModelVersion) -> None:
    """The drill stream-cut tells a whole answer from half of one by its end."""
    every = [answer(filled(case.question), version, random.Random(1)) for case in suite().cases]
    assert not [said.text for said in every if not said.text.endswith((".", "!", "?"))]
    halves = ["".join(said.pieces[: len(said.pieces) // 2]) for said in every]
    assert sum(half.endswith((".", "!", "?")) for half in halves) < 0.2 * len(halves)


@pytest.mark.parametrize("share", [0.1, 0.4])
def test_a_degraded_secondary_loses_about_its_share(share: float) -> None:
    healthy = evaluate(MARLIN, 1).mean
    degraded = evaluate(replace(MARLIN, blind_share=share), 1).mean
    assert healthy - degraded == pytest.approx(share * healthy, abs=0.04)


def test_a_healthy_fallback_costs_a_fifth_more_an_answer() -> None:
    primary = cost_usd(evaluate(HERON, 1), HERON.name)
    secondary = cost_usd(evaluate(MARLIN, 1), MARLIN.name)
    assert 1.15 < secondary / primary < 1.25
