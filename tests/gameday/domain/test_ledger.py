"""What has changed, between which lines, by whom; and what a drill did itself."""

from datetime import UTC, datetime, timedelta

import pytest

from gameday.domain.component import version_of
from gameday.domain.inputs import Mix, Stratum
from gameday.domain.ledger import Entry, what_changed

AT = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


def at(hour):
    return AT + timedelta(hours=hour)


def line(hour, *, by="watch", versions=None, **fields):
    components = {
        name: one if hasattr(one, "digest") else version_of(one)
        for name, one in (versions or {}).items()
    }
    return Entry(
        target="shop", environment="staging", at=at(hour), by=by, components=components, **fields
    )


def told(found):
    return [
        (one.component, one.before.label, one.now.label, one.after, one.until, one.by, one.drill)
        for one in found.changes
    ]


def test_a_change_lies_between_the_lines_that_know_both():
    lines = [
        line(0, versions={"corpus": "a", "prompt": "p"}),
        line(1, versions={"prompt": "p"}),  # the corpus could not be read
        line(2, versions={"corpus": "b", "prompt": "p"}),
        line(3, versions={"corpus": "c", "prompt": "p"}),
    ]
    found = what_changed(lines[::-1], AT)
    assert told(found) == [
        ("corpus", "a", "b", at(0), at(2), "", ""),
        ("corpus", "b", "c", at(2), at(3), "", ""),
    ]
    assert (found.since, found.until) == (at(0), at(3))
    assert found.unchanged == ("prompt",)
    assert found.unknown == ()


def test_only_what_changed_since_then_is_told():
    lines = [line(hour, versions={"model": f"m-{hour // 2}"}) for hour in range(6)]
    found = what_changed(lines, at(2) + timedelta(minutes=1))
    assert told(found) == [("model", "m-1", "m-2", at(3), at(4), "", "")]
    assert found.since == at(2)
    assert what_changed(lines, at(4)).changes == ()
    assert what_changed(lines, at(4)).unchanged == ("model",)


def test_the_line_of_that_very_moment_is_from_before():
    lines = [line(0, versions={"model": "a"}), line(1, versions={"model": "b"})]
    assert len(what_changed(lines, at(0)).changes) == 1
    assert what_changed(lines, at(1)).changes == ()


def test_what_is_not_known_at_both_ends_is_said_to_be_so():
    lines = [
        line(0, versions={"model": "a", "prompt": "p"}),
        line(2, versions={"model": "a", "tools": "t"}),
    ]
    found = what_changed(lines, at(1))
    assert found.unchanged == ("model",)
    assert found.unknown == ("prompt", "tools")


def test_the_store_knows_who_and_else_the_pipeline_does():
    by_eva = version_of("b", by="Eva Maier", changed_at=at(0.5))
    lines = [
        line(0, versions={"prompt": "a", "model": "m"}),
        line(1, who="ci", note="release 41", versions={"prompt": by_eva, "model": "n"}),
    ]
    prompt, model = what_changed(lines, AT).changes
    assert (prompt.by, prompt.at, prompt.note) == ("Eva Maier", at(0.5), "release 41")
    assert (model.by, model.at, model.note) == ("ci", None, "release 41")


def drilled(*, after="a", while_it_went_on=()):
    own = {"by": "drill", "run": "7Q2K"}
    bad = version_of("bad", by="Gameday")
    return [
        line(0, versions={"corpus": "a"}),
        line(1, **own, moment="before", versions={"corpus": "a"}),
        line(2, **own, moment="changed", versions={"corpus": bad}),
        *while_it_went_on,
        line(4, **own, moment="after", versions={"corpus": after}),
        line(5, versions={"corpus": after}),
    ]


def test_what_a_drill_did_and_put_back_is_the_drills():
    assert told(what_changed(drilled(), AT)) == [
        ("corpus", "a", "bad", at(1), at(2), "", "7Q2K"),
        ("corpus", "bad", "a", at(2), at(4), "", "7Q2K"),
    ]


def test_a_watch_that_looks_meanwhile_changes_nothing_of_that():
    meanwhile = (line(3, versions={"corpus": "bad"}), line(3.5, versions={"corpus": "a"}))
    assert [one.drill for one in what_changed(drilled(while_it_went_on=meanwhile), AT).changes] == [
        "7Q2K",
        "7Q2K",
    ]


def test_what_is_neither_before_nor_the_drills_is_somebody_elses():
    assert told(what_changed(drilled(after="theirs"), AT)) == [
        ("corpus", "a", "bad", at(1), at(2), "", "7Q2K"),
        ("corpus", "bad", "theirs", at(2), at(4), "", ""),
    ]


def test_the_same_edit_after_the_drill_is_not_the_drills():
    found = what_changed([*drilled(), line(6, versions={"corpus": "bad"})], at(5))
    assert told(found) == [("corpus", "a", "bad", at(5), at(6), "", "")]


def test_a_run_that_never_wrote_its_end_is_over_after_a_day():
    begun = [one for one in drilled() if one.moment in ("", "before", "changed")][:3]
    soon, late = line(20, versions={"corpus": "a"}), line(40, versions={"corpus": "bad"})
    changes = what_changed([*begun, soon, late], AT).changes
    assert [change.drill for change in changes] == ["7Q2K", "7Q2K", ""]


def test_a_mix_of_inputs_is_told_like_a_component():
    def asked(hour, groups):
        mix = Mix.of({Stratum(name, "en", "short"): count for name, count in groups.items()})
        return line(hour, by="ledger record", inputs={"production": mix})

    lines = [asked(0, {"returns": 90, "prices": 10}), asked(1, {"returns": 10, "prices": 90})]
    (change,) = what_changed(lines, AT).changes
    assert change.component == "inputs of production"
    assert change.now.label == "100 inputs: prices 90%, returns 10%; en 100%; short 100%"


def test_no_line_at_all_is_no_answer():
    with pytest.raises(ValueError, match="no line of the ledger"):
        what_changed([], AT)
