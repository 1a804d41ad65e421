"""One sentence for what does not fit, at the place that tells most."""

from typing import Annotated, Literal

import pytest
from pydantic import Field

from gameday.catalog.misfit import Misfit, fit, show
from gameday.domain.names import Name
from gameday.domain.quantities import Seconds
from gameday.domain.value import Value


class Leaf(Value):
    size: Annotated[int, Field(ge=1)] = 1
    colour: Literal["red", "blue"] = "red"


class Tree(Value):
    name: Name
    leaf: Leaf | Seconds = 1.0
    leaves: tuple[Leaf, ...] = ()
    by_name: dict[Name, Leaf] = {}
    note: str | None = None


def misfit(**raw) -> Misfit:
    with pytest.raises(Misfit) as told:
        fit(Tree, {"name": "oak", **raw})
    return told.value


def test_what_fits():
    tree = fit(Tree, {"name": "oak", "leaf": {"size": 2}, "leaves": [{"colour": "blue"}]})
    assert tree.leaf == Leaf(size=2)
    assert tree.leaves == (Leaf(colour="blue"),)
    assert fit(Tree, {"name": "oak", "leaf": "3s"}).leaf == 3.0


@pytest.mark.parametrize(
    ("raw", "where", "said"),
    [
        ({"leafs": 1}, ("leafs",), "unknown key 'leafs'; did you mean 'leaf'?"),
        ({"leaf": {"sise": 1}}, ("leaf", "sise"), "unknown key 'sise'; did you mean 'size'?"),
        ({"leaf": {"size": 0}}, ("leaf", "size"), "expected greater than or equal to 1, found 0"),
        ({"leaf": 3}, ("leaf",), "expected a duration such as 20s, 500ms or 5m, found 3"),
        ({"leaf": {"size": 1.5}}, ("leaf", "size"), "expected a valid integer, found 1.5"),
        (
            {"leaves": [{}, {"colour": "green"}]},
            ("leaves", 1, "colour"),
            "expected 'red' or 'blue'",
        ),
        ({"leaves": {"a": 1}}, ("leaves",), 'expected a list, found {"a": 1}'),
        ({"by_name": {"a": {"sise": 1}}}, ("by_name", "a", "sise"), "unknown key 'sise'; did you"),
        ({"by_name": {"A": {}}}, ("by_name", "A"), "expected text of pattern ^[a-z0-9]"),
        ({"by_name": []}, ("by_name",), "expected a mapping of keys to values, found []"),
        ({"note": 5}, ("note",), "expected a valid string, found 5"),
        ({"name": "Oak Tree"}, ("name",), "expected text such as 'provider-outage' (pattern ^["),
    ],
)
def test_what_does_not(raw, where, said):
    told = misfit(**raw)
    assert told.where == where
    assert told.sentence.startswith(said)


def test_an_unknown_key_comes_before_a_missing_one():
    with pytest.raises(Misfit) as told:
        fit(Tree, {"nam": "oak"})
    assert (told.value.where, told.value.at_key) == (("nam",), True)


def test_a_missing_key_is_told_at_what_lacks_it():
    with pytest.raises(Misfit) as told:
        fit(Tree, {})
    assert told.value.where == ()
    assert told.value.sentence.startswith("missing key 'name'; expected text such as")


def test_under():
    inner = Misfit(("b", 0), "no", at_key=True)
    outer = inner.under(("a",))
    assert (outer.where, outer.sentence, outer.at_key) == (("a", "b", 0), "no", True)


def test_a_long_value_is_shortened():
    assert show({"a": [1, None, "ü"]}) == '{"a": [1, null, "ü"]}'
    assert len(show("x" * 1000)) == 60
    assert show("x" * 1000).endswith("...")
