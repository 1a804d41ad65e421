"""Faults that no status shows, over the whole lab: done at the gate, felt in answers, gone."""

from typing import Any

import pytest

from lab.files import PRIMARY_PRICE
from lab.model_version import FLOATING, HERON, HERON_UPDATE
from tests.lab.practice_lab import RunningLab, wait_until

QUESTION = "How much does the Growth plan cost a month?"


def made_by(lab: RunningLab, *, times: int = 6) -> tuple[set[str], set[tuple[str, str]]]:
    """Which models really answered, and by which names they went, with their fingerprints."""
    names, ids = set(), []
    for _ in range(times):
        answer = lab.ask(QUESTION)
        assert answer.status_code == 200
        body = answer.json()
        names.add((body["model"], body["system_fingerprint"]))
        ids.append(answer.headers["x-request-id"])
    log = lab.log("primary")
    return {str(log[request_id]["model"]) for request_id in ids}, names


def swap(lab: RunningLab, reported: str) -> None:
    settings = {"to_model": HERON_UPDATE.name, "reported": reported, "models": [FLOATING]}
    lab.put_rule("primary", "model_swap", **settings)


def test_a_swap_that_tells_nothing_is_in_the_provider_s_log_alone(lab: RunningLab) -> None:
    models, names = made_by(lab)
    assert models == {HERON.name}
    swap(lab, "same")
    lab.ask(QUESTION)  # by which the gate learns the name
    assert made_by(lab) == ({HERON_UPDATE.name}, names)
    lab.heal()
    assert made_by(lab) == (models, names)


def test_a_swap_that_is_told_shows_in_every_answer(lab: RunningLab) -> None:
    before = made_by(lab)
    swap(lab, "changed")
    models, names = made_by(lab)
    assert models == {HERON_UPDATE.name}
    # The assistant calls a model by the name that it was asked for; the fingerprint tells.
    assert {name for name, _ in names} == {name for name, _ in before[1]}
    assert not names & before[1]
    lab.heal()
    assert made_by(lab) == before


def test_who_is_pinned_to_the_dated_name_escapes_a_swap_that_stays(lab: RunningLab) -> None:
    alias = f"{lab.state.front_door.removesuffix('/v1')}/admin/aliases/answers"
    swap(lab, "changed")
    assert made_by(lab)[0] == {HERON_UPDATE.name}
    lab.http.put(alias, json={"model": HERON.name}).raise_for_status()
    try:
        wait_until(lambda: made_by(lab)[0] == {HERON.name})
    finally:
        lab.http.put(alias, json={"model": FLOATING}).raise_for_status()
    wait_until(lambda: made_by(lab)[0] == {HERON_UPDATE.name})
    lab.heal()


def answered(lab: RunningLab) -> dict[str, Any]:
    body: dict[str, Any] = lab.ask(QUESTION).json()
    return {**body, "text": body["choices"][0]["message"]["content"]}


def test_a_degraded_model_is_cut_short_and_whole_again_after(lab: RunningLab) -> None:
    lab.put_rule("primary", "model_degraded", tokens_max=3)
    body = answered(lab)
    assert body["usage"]["completion_tokens"] == 3
    assert body["choices"][0]["finish_reason"] == "length"
    lab.heal()
    assert answered(lab)["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize("effort", ["low", "medium"])
def test_a_model_may_be_told_to_think_less(lab: RunningLab, effort: str) -> None:
    lab.put_rule("primary", "model_degraded", effort=effort, instruction="Use at most 8 words.")
    assert made_by(lab)[0] == {HERON.name}  # and not the fallback: it knows what it is told
    lab.heal()


def test_garbled_answers_are_clean_after(lab: RunningLab) -> None:
    lab.put_rule("primary", "corrupt_tokens", script="thai", rate=0.5)
    assert any("\u0e00" <= letter <= "\u0e7f" for letter in answered(lab)["text"])
    lab.heal()
    assert answered(lab)["text"].isascii()


def test_the_provider_tells_what_it_bills_and_a_price_change_shows(lab: RunningLab) -> None:
    def per_listed_usd() -> float:
        usage = answered(lab)["usage"]
        listed = PRIMARY_PRICE.input_usd(usage["prompt_tokens"])
        return usage["cost"] / (listed + PRIMARY_PRICE.output_usd(usage["completion_tokens"]))

    assert per_listed_usd() == pytest.approx(1)
    lab.put_rule("primary", "price_change", cost_factor=2.5)
    assert per_listed_usd() == pytest.approx(2.5)
    lab.heal()
    assert per_listed_usd() == pytest.approx(1)
