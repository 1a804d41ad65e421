"""The two radii: of the faults, and of what the system does about them."""

import pytest

from gameday.domain.component import Component
from gameday.domain.front_door import Marker
from gameday.domain.radius import fault_radius, response_radius
from tests.gameday.reporting.runs import make_drill, make_target


def drill(**fault):
    whole = {"kind": "http_error", "on": "provider/primary", "scope": "all", **fault}
    return make_drill(faults=[whole])


def target(marker=None, gates=True):
    made = make_target()
    providers = {
        name: one.model_copy(update={"gate": name if gates else None})
        for name, one in made.providers.items()
    }
    door = made.front_door.model_copy(update={"marker": marker})
    return made.model_copy(update={"providers": providers, "front_door": door})


HEADER = Marker(header="x-gameday")


@pytest.mark.parametrize(
    ("fault", "marker", "radius"),
    [
        ({}, HEADER, "every request at provider/primary, not only the drill's own"),
        (
            {"scope": "share", "share": 0.25},
            HEADER,
            "25 % of all requests at provider/primary, not only the drill's own",
        ),
        (
            {"scope": "share", "share": 0.008, "later": [{"after": "20s", "share": 0.16}]},
            HEADER,
            ("0.8 % then 16 % of all requests at provider/primary, not only the drill's own"),
        ),
        ({"scope": "marked"}, HEADER, "only requests marked x-gameday: RUN at provider/primary"),
        (
            {"scope": "marked"},
            Marker(body="metadata.gameday"),
            "only requests marked metadata.gameday: RUN at provider/primary",
        ),
        (
            {"scope": "marked", "share": 0.5},
            Marker(key="env:KEY"),
            "50 % of the requests marked by a key of their own at provider/primary",
        ),
        (
            {"routes": ["/v1/chat/*", "/v1/x"], "models": ["m-*"], "hits_max": 9},
            None,
            (
                "every request at provider/primary on /v1/chat/* and /v1/x for m-* and at most 9, "
                "not only the drill's own"
            ),
        ),
    ],
)
def test_whose_requests_a_fault_changes(fault, marker, radius):
    said = fault_radius(drill(**fault), target(marker), "lab")
    assert said == f"{radius}; all of lab/lab"


def test_a_marked_fault_can_still_move_others_and_they_are_watched():
    said = response_radius(drill(scope="marked"), target(HEADER))
    assert "shares a cooldown" in said
    assert "secondary may have to answer for it" in said
    assert "a marked fault can still move others" in said
    assert "watched: unmarked traffic at 2 gates" in said


def test_where_everybody_is_touched_nobody_is_watched_as_untouched():
    said = response_radius(drill(), target(HEADER))
    assert "shares a cooldown" in said
    assert "unmarked traffic is not watched" in said


def test_with_every_provider_down_nobody_answers_for_them():
    both = make_drill(
        faults=[{"kind": "http_error", "on": f"provider/{n}"} for n in ("primary", "secondary")]
    )
    assert "may have to answer" not in response_radius(both, target())
    assert fault_radius(both, target(), "lab").count("every request") == 2


@pytest.mark.parametrize(
    ("environment", "shadow", "radius"),
    [
        ("lab", {}, "everybody who is served from component/corpus, not only the drill's own"),
        ("lab", {"folder": "x"}, "everybody who is served from component/corpus"),
        ("production", {"folder": "x"}, "whoever asks the shadow of component/corpus; all"),
    ],
)
def test_an_edit_reaches_whoever_is_served_from_what_it_edits(environment, shadow, radius):
    edit = {"kind": "corpus_edit", "on": "component/corpus", "variant": "deleted", "delete": ["a"]}
    corpus = Component(kind="files", settings={"folder": "corpus"}, shadow=shadow)
    edited = target().model_copy(update={"components": {"corpus": corpus}})
    assert radius in fault_radius(drill(**edit), edited, environment)


def test_a_shift_of_what_is_asked_reaches_nobody_elses_requests():
    shift = drill(kind="input_shift", on="inputs/load", groups={"long": 1})
    assert fault_radius(shift, target(), "lab").startswith(
        "nothing but what this drill itself asks;"
    )
    assert response_radius(shift, target()) == (
        "whoever shares a quota, a queue or a machine with these requests"
    )


def test_where_a_tool_is_broken_no_provider_has_to_stand_in():
    of_tool = drill(on="tool/orders", kind="tool_contract_change", how="error")
    told = target()
    assert fault_radius(of_tool, told, "lab").startswith("every request at tool/orders")
    assert "may have to answer" not in response_radius(of_tool, told)
    assert "may have to answer" in response_radius(drill(), told)
