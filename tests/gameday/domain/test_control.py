"""Who can be sure to be left alone by a drill's faults."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.catalog.files import find_drill, load_drill
from gameday.domain.control import control_words, spared_users, why_no_control, with_control
from gameday.domain.drill import Drill
from gameday.domain.front_door import FrontDoor, Marker
from gameday.domain.synthetic import Synthetic
from gameday.gate.selection import Selection
from tests.gameday.domain.test_plan import TARGET

MADE = load_drill(find_drill("brownout")).model_dump()
BY_USER = {"scope": "share", "sticky_by": "header:x-user"}
NAMED = TARGET.model_copy(
    update={
        "synthetic": Synthetic(headers={"x-user": "{{user}}"}),
        "front_door": FrontDoor(marker=Marker(header="x-gameday")),
    }
)


def fault(on="provider/primary", **settings):
    return {"kind": "http_error", "on": on, "status": 500, "share": 0.25, **settings}


def drill(*faults, users=20, **load):
    whole = {"rate": "20/s", "suite": "support", "users": users, **load}
    return Drill.model_validate(MADE | {"load": whole, "faults": list(faults)})


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (drill(fault(scope="marked")), ""),
        (drill(fault(scope="marked"), users=None), ""),
        (drill(fault(**BY_USER)), ""),
        (drill(fault(scope="all")), "http_error on provider/primary touches"),
        (drill(fault(scope="share")), "only its gate knows which; one that is sticky spares some"),
        (drill(fault(**BY_USER), users=None), "the load has no users of names of their own"),
        (drill(fault(scope="share", sticky_by="header:x-tenant")), "by header:x-tenant, where the"),
        (drill(fault(scope="share", sticky_by="key")), "by key, where the load has no users of"),
        (
            drill(fault(**BY_USER | {"share": 1.0, "ramp": "5s"})),
            "the shares take in every one of the load's 20 users",
        ),
        (
            drill(fault(**BY_USER, later=[{"after": "5s", "share": 1.0}])),
            "the shares take in every one of the load's 20 users",
        ),
        # One of them is enough to reach anybody.
        (drill(fault(**BY_USER), fault(on="provider/secondary", scope="all")), "touches"),
    ],
)
def test_why_there_is_none(made, why):
    said = why_no_control(made, NAMED)
    assert why in said
    assert bool(said) is bool(why)
    assert with_control(made, NAMED).load.control_rate == (0.0 if why else 20.0)


def test_what_the_drill_says_of_it_stays():
    assert with_control(drill(fault(**BY_USER), control="5/s"), NAMED).load.control_rate == 5.0
    assert with_control(drill(fault(**BY_USER), control="off"), NAMED).load.control_share == 0.0


def test_a_plan_says_how_many_users_are_spared():
    made = with_control(drill(fault(**BY_USER)), NAMED)
    spared = len(spared_users(made, NAMED))
    assert 10 <= spared < 20
    assert control_words(made, NAMED, 1_000, 4.0) == (
        f"20/s of {spared} users beside it that no fault touches; of the requests at most 500, "
        "$2.00"
    )


@given(
    share=st.floats(0.01, 0.9),
    steps=st.lists(st.tuples(st.floats(1, 60), st.floats(0.01, 0.9)), max_size=2),
    ramp=st.none() | st.just(0.5),
    seed=st.integers(0, 2**32 - 1),
    armed_s=st.lists(st.floats(0, 100), max_size=20),
)
def test_the_gate_never_chooses_whom_the_plan_spares(share, steps, ramp, seed, armed_s):
    """Whatever the share grows or shrinks to, at whatever time."""
    later = sorted(steps)
    settings = {"share": share, "seed": seed}
    settings |= {"later": [{"after": f"{at}s", "share": part} for at, part in later]}
    made = drill(fault(**BY_USER | settings), users=100)
    selection = Selection(share=share, ramp_s=ramp, seed=seed, later=later)
    spared = spared_users(made, NAMED)
    for now_s in sorted(armed_s):
        assert not any(selection.choose_key(user, now_s) for user in spared)
    fixed = Selection(share=max(share, *(part for _, part in later), 0.0), ramp_s=None, seed=seed)
    touched = {user for user in made.load.user_names if fixed.choose_key(user, 0.0)}
    assert touched == set(made.load.user_names) - set(spared)
