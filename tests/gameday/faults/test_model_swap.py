"""model_swap: the request goes on for another model, and the proof is whose answers these are."""

import json

import pytest
from pydantic import ValidationError

from gameday.domain.drill import Scope
from gameday.domain.wire import Identity, Onward
from gameday.faults.model_swap import ModelSwap, Reported
from tests.gameday.faults.judged import answered, record, window
from tests.gameday.faults.wired import DIALECTS, body_of, hit_of, wire

SAME = ModelSwap(to_model="heron-2", reported=Reported.SAME)
TRUE = ModelSwap(to_model="heron-2", reported=Reported.CHANGED)


def counted(*ids):
    evidence = {"hits": len(ids), "matches": len(ids), "request_ids": ids}
    return record(gate_at_clear=evidence)


def answers(*ids, **more):
    return [answered(request_id=request_id, **more) for request_id in ids]


BASELINE = window(answers("b1", "b2", "b3", model="heron-1", fingerprint="fp_1"))


# --- on the wire ------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
def test_another_model_is_asked_for(dialect):
    hit = hit_of(dialect)
    onward = TRUE.on_request(hit)
    assert onward == hit.dialect.of_model(hit.request, "heron-2")
    assert "heron-2" in onward.path + onward.body["model"]


def test_another_place_is_named_and_never_an_address():
    fault = ModelSwap(to_model="heron-1", to_upstream="canary", reported=Reported.SAME)
    assert fault.upstreams() == ("canary",)
    assert TRUE.upstreams() == ()
    hit = hit_of("openai")
    hit.memory["heron-1"] = Identity("heron-1")
    assert fault.on_request(hit).upstream == "canary"
    with pytest.raises(ValidationError):
        ModelSwap(to_model="m", to_upstream="http://evil.example", reported=Reported.SAME)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_first_answer_teaches_what_the_others_have_to_say(dialect):
    hit = hit_of(dialect)
    assert SAME.on_request(hit) is None
    taught = wire(SAME, dialect)
    assert taught.sent == body_of(dialect, stream=True)
    body = body_of(dialect)
    (sent,) = SAME.on_body(hit, body)
    assert sent.data == body
    model = json.loads(body)["model"]
    asked = hit.dialect.model(hit.request)
    assert hit.memory == {asked: hit.dialect.identity(json.loads(body))}
    assert hit.memory[asked].model == model
    assert SAME.on_request(hit) is not None


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_swapped_answer_tells_what_was_learnt(dialect):
    hit = hit_of(dialect)
    hit.memory[hit.dialect.model(hit.request)] = Identity("heron-0", "fp_0")
    hit.onward = Onward("/", {})
    (sent,) = SAME.on_body(hit, body_of(dialect))
    after = json.loads(sent.data)
    assert after["model"] == "heron-0"
    assert after.get("system_fingerprint") == (None if dialect == "anthropic" else "fp_0")
    names = ("model", "system_fingerprint")
    before = json.loads(body_of(dialect))
    assert {**after, **dict.fromkeys(names)} == {**before, **dict.fromkeys(names)}


def test_what_is_reported_must_be_said():
    with pytest.raises(ValidationError, match="reported"):
        ModelSwap(to_model="heron-2")


def test_shares_may_grow_and_must_follow_each_other():
    def made(*later, **more):
        steps = [{"after": after, "share": share} for after, share in later]
        settings = {"to_model": "m", "reported": "same", "share": 0.008, "later": steps}
        return ModelSwap.model_validate(settings | more)

    assert made(("20s", 0.16)).objection(Scope.SHARE) == ""
    assert made(("20s", 0.16), ("40s", 1.0)).later[1].share == 1
    for wrong in ([("20s", 0.1), ("20s", 0.2)], [("20s", 0.1), ("10s", 0.2)]):
        with pytest.raises(ValidationError, match="must come after the one before"):
            made(*wrong)
    with pytest.raises(ValidationError, match="before the ramp is over"):
        made(("20s", 0.16), ramp="30s")
    with pytest.raises(ValidationError):
        made(("20s", 1.01))


# --- felt -------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [SAME, TRUE], ids=["same", "changed"])
def test_felt_by_the_ids_of_whole_answers(fault):
    seen = window(answers("r1", "r2", "r3", model="heron-1", fingerprint="fp_1"))
    felt = fault.felt(counted("r1", "r2", "gone"), "primary", BASELINE, seen)
    assert felt.count == 3
    assert felt.sentence.startswith(
        "the gate changed 3 of 3 requests; 2 good answers of primary came of these requests"
    )


@pytest.mark.parametrize(
    "seen",
    [
        answers("r1", by="secondary"),
        answers("other"),
        [],
    ],
    ids=["by-others", "not-tied", "none"],
)
def test_not_felt_without_an_answer_of_such_a_request(seen):
    others = [*answers("x", model="heron-1", fingerprint="fp_1"), *seen]
    felt = SAME.felt(counted("r1"), "primary", BASELINE, window(others))
    assert not felt.felt
    assert "by id, none of" in felt.sentence


def test_a_front_door_that_names_no_provider_is_believed_by_the_ids():
    seen = window([one.changed(served_by=None, attempts=()) for one in answers("r1")])
    assert SAME.felt(counted("r1"), "primary", BASELINE, seen).count == 1


def test_what_is_told_is_told():
    seen = window(answers("r1", model="heron-2", fingerprint="fp_2"))
    felt = TRUE.felt(counted("r1"), "primary", BASELINE, seen)
    assert felt.sentence.endswith(
        "1 good answer of primary came of these requests; 1 request tried primary and told a "
        "model or fingerprint that no answer of the baseline told"
    )
    hidden = TRUE.felt(
        counted("r1"),
        "primary",
        BASELINE,
        window(answers("r1", model="heron-1", fingerprint="fp_1")),
    )
    assert hidden.felt
    assert "and none told a model or fingerprint" in hidden.sentence


def test_another_name_alone_shows_it_where_no_id_gets_through():
    seen = window(answers("x1", "x2", model="heron-1", fingerprint="fp_2"))
    felt = TRUE.felt(counted("r1"), "primary", BASELINE, seen)
    assert felt.felt
    assert "2 requests tried primary and told a model or fingerprint" in felt.sentence
    assert not SAME.felt(counted("r1"), "primary", BASELINE, seen).felt
