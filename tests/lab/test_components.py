"""The lab's components, changed by their target file's own requests at a real assistant."""

from pathlib import Path

import pytest

from gameday.catalog.files import load_components
from gameday.domain.component import Backend
from gameday.domain.errors import ChangedByOthersError
from tests.lab.practice_lab import RunningLab, StartLab

FLOATING, PINNED, UPDATE = "heron-4", "heron-4-2026-08", "heron-4-2026-09"
GROWTH = "How much does the Growth plan cost a month?"


def component(lab: RunningLab, name: str) -> Backend:
    return load_components(Path(lab.state.target_file))[name]  # type: ignore[index]


def asked_for(lab: RunningLab, requests: int = 4) -> list[str]:
    """The models that the primary is asked for, one for each request."""
    answers = [lab.ask(GROWTH) for _ in range(requests)]
    return [answer.headers["x-assistant-version"].rpartition("+")[2] for answer in answers]


async def test_the_alias_is_pinned_and_put_back(lab: RunningLab) -> None:
    model = component(lab, "model")
    assert (await model.read()).label == FLOATING
    undo = await model.snapshot()
    assert not await model.ready(PINNED)
    await model.change(PINNED, undo)
    assert not await model.verify(PINNED)
    assert set(asked_for(lab)) == {PINNED}
    await model.revert(undo, PINNED)
    assert not await model.verify_reverted(undo)
    assert set(asked_for(lab)) == {FLOATING}


async def test_an_alias_that_somebody_else_has_set_stays(lab: RunningLab) -> None:
    model = component(lab, "model")
    undo = await model.snapshot()
    await model.change(PINNED, undo)
    url = f"{lab.state.front_door.removesuffix('/v1')}/admin/aliases/answers"
    lab.http.put(url, json={"model": UPDATE}).raise_for_status()
    with pytest.raises(ChangedByOthersError):
        await model.revert(undo, PINNED)
    assert set(asked_for(lab)) == {UPDATE}
    lab.http.put(url, json={"model": FLOATING}).raise_for_status()


async def test_an_offer_to_the_canary_gate_is_withdrawn_with_the_revert(lab: RunningLab) -> None:
    gateway = component(lab, "gateway")
    undo = await gateway.snapshot()
    await gateway.change(UPDATE, undo)
    assert not await gateway.verify(UPDATE)
    assert set(asked_for(lab, 40)) == {FLOATING, UPDATE}
    await gateway.revert(undo, UPDATE)
    assert not await gateway.verify_reverted(undo)
    assert set(asked_for(lab, 40)) == {FLOATING}


@pytest.mark.parametrize(
    ("defect", "reads_back", "serves"),
    [
        ("rollback_noop", False, [FLOATING] * 4),
        ("rollback_slow_cache", True, [FLOATING] * 4),
        ("rollback_partial", True, [PINNED, FLOATING] * 2),
    ],
)
async def test_what_a_rollback_comes_to_with_each_defect(
    start_lab: StartLab, defect: str, reads_back: bool, serves: list[str]
) -> None:
    lab = start_lab("--defect", defect)
    model = component(lab, "model")
    await model.change(PINNED, await model.snapshot())
    assert (await model.verify(PINNED) == "") is reads_back
    assert sorted(asked_for(lab)) == sorted(serves)


async def test_a_rollback_to_a_model_that_is_gone_is_known_before(start_lab: StartLab) -> None:
    lab = start_lab("--defect", "no_warm_standby")
    said = await component(lab, "model").ready(PINNED)
    assert f"{PINNED} is not to be had" in said
    assert f"the provider does not serve {PINNED}" in said


def test_a_kept_answer_is_told_again_word_for_word(start_lab: StartLab) -> None:
    lab = start_lab("--defect", "cached_answers")
    first = lab.ask(GROWTH)
    again = lab.ask(GROWTH)
    assert again.json()["choices"] == first.json()["choices"]
    assert again.headers["x-served-by"] == "primary"
    log = lab.log("primary")
    assert first.headers["x-request-id"] in log
    assert again.headers["x-request-id"] not in log
