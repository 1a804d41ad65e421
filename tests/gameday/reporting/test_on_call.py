"""The summary that wakes somebody: verdicts first, then numbers, then what to do."""

from datetime import UTC, datetime

import pytest

from gameday.domain.component import Component
from gameday.reporting.on_call import Summary, compared_with_ledger, proposal

AT = datetime(2026, 11, 30, 9, 10, tzinfo=UTC)


def component(previous, user_cost):
    return Component.model_validate(
        {"backend": "http", "previous": previous, "user_cost": user_cost}
    )


def test_it_is_one_line_with_the_verdicts_first():
    said = Summary(
        word="CHANGED, OUTSIDE",
        sentences=("evidence 140 to 1 after 15 requests", "quality 34 points below"),
        known="Nothing that can be read differs from the ledger of 09:10.",
        proposed="Proposed: pin model a first (low cost to users).",
        next_step="gameday watch status",
    )
    assert said.text == (
        "CHANGED, OUTSIDE. evidence 140 to 1 after 15 requests; quality 34 points below. Nothing "
        "that can be read differs from the ledger of 09:10. Proposed: pin model a first (low cost "
        "to users). gameday watch status"
    )
    assert Summary(word="CHANGED", sentences=("", "a"), next_step="").text == "CHANGED. a."


def test_what_others_wrote_can_do_nothing():
    hostile = Summary(word="CHANGED", sentences=("a\x1b[31m\u202ered\nline",)).text
    assert "\x1b" not in hostile
    assert "\u202e" not in hostile
    assert "\n" not in hostile


@pytest.mark.parametrize(
    ("differing", "sentence"),
    [
        ((), "Nothing that can be read differs from the ledger of 2026-11-30 09:10 UTC."),
        (("prompt",), "Only the prompt differs from the ledger of 2026-11-30 09:10 UTC."),
        (
            ("model", "corpus"),
            "The model and the corpus differ from the ledger of 2026-11-30 09:10 UTC.",
        ),
        (None, ""),
    ],
)
def test_what_differs_is_said(differing, sentence):
    assert compared_with_ledger(differing, AT) == sentence
    assert compared_with_ledger(differing, None) == ""


def test_what_differs_is_put_back_first_and_the_cheapest_of_it():
    kept = {
        "model": component("heron-4-2026-08", "low"),
        "corpus": component("passages_1", "medium"),
        "prompt": component("support-v2", "none"),
        "tools": component(None, "none"),
    }
    assert proposal(kept, ("corpus", "prompt")) == (
        "Proposed: put back prompt support-v2 first (cost to users: none)."
    )
    assert proposal(kept, ("corpus",)) == (
        "Proposed: put back corpus passages_1 first (cost to users: medium)."
    )


@pytest.mark.parametrize("differing", [None, (), ("tools",), ("model's name or fingerprint",)])
def test_where_nothing_else_is_known_it_is_the_model(differing):
    kept = {"model": component("heron-4-2026-08", "low"), "tools": component(None, "none")}
    assert proposal(kept, differing) == (
        "Proposed: pin model heron-4-2026-08 first (cost to users: low)."
    )
    assert proposal({"tools": component(None, "none")}, differing) == ""
