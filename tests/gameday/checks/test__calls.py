"""Calls are tied to the requests of the run by their ids, and a gate that cannot is said so."""

from dataclasses import replace

from gameday.checks._calls import known_ids, telling_gates, visits_by_request, why_untold
from tests.gameday.checks.staged import call, faulted, leaver, left, seen

RUN = seen(left(leaver()))
FIRST = RUN.windows["faulted"].samples[0]


def nameless(calls):
    return tuple(one.model_copy(update={"request_id": ""}) for one in calls)


def test_the_ids_are_those_of_every_window():
    ids = known_ids(RUN)
    assert len(ids) == 400 + 600 + 400 + 1
    assert RUN.windows["left"].samples[0].request_id in ids


def test_a_request_without_an_id_is_nobodys():
    silent = seen(faulted(lambda _: {"request_id": ""}), calls={"primary": nameless([])})
    assert "" not in known_ids(silent)


def test_the_calls_of_a_request_come_in_the_order_in_which_they_began():
    calls = {
        "secondary": (call("secondary", FIRST, 5.0), call("secondary", FIRST, 1.0)),
        "primary": (call("primary", FIRST, 3.0),),
    }
    visits = visits_by_request(replace(RUN, calls=calls))
    assert list(visits) == [FIRST.request_id]
    places = [visit.provider for visit in visits[FIRST.request_id]]
    assert places == ["secondary", "primary", "secondary"]


def test_calls_of_others_are_left_out():
    theirs = call("primary", FIRST, request_id="theirs")
    assert visits_by_request(replace(RUN, calls={"primary": (theirs,)})) == {}


def test_why_it_cannot_be_told():
    assert why_untold(RUN, ("primary",)) == ""
    assert why_untold(RUN, ("primary", "third")) == ""
    assert why_untold(RUN, ("third",)).startswith("no gate counted the calls at third")
    empty = replace(RUN, calls={"primary": ()})
    assert why_untold(empty, ("primary",)).startswith("the gate saw no call at primary")
    blind = replace(RUN, calls={"primary": nameless(RUN.calls["primary"])})
    assert why_untold(blind, ("primary",)).startswith("none of the 1400 calls")


def test_which_gates_can_be_held_against_the_systems_word():
    calls = RUN.calls
    assert telling_gates(RUN) == {"primary", "secondary"}
    assert telling_gates(replace(RUN, calls={})) == set()
    assert telling_gates(replace(RUN, calls={"primary": (), "secondary": ()})) == set()
    spared = {**calls, "secondary": ()}
    assert telling_gates(replace(RUN, calls=spared)) == {"primary", "secondary"}
    half = {**calls, "secondary": nameless(calls["secondary"])}
    assert telling_gates(replace(RUN, calls=half)) == {"primary"}
