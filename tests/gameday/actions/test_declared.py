"""A target file's actions: what is wrong in one is pointed at, and no request fills one in."""

from pathlib import Path

import pytest

from gameday.catalog.files import load_target
from gameday.domain.errors import FileError
from gameday.injector.components import Components
from gameday.injector.port import PathGoneError
from tests.docs.test_your_system import ENVIRONMENTS, REST

GOOD = "actions:\n  rotate: {backend: command, act: [a], verify: [v]}\n"


def written(folder: Path, actions: str) -> Path:
    file = folder / "gameday.yaml"
    file.write_text(actions + REST + ENVIRONMENTS)
    return file


@pytest.mark.parametrize(
    ("was", "becomes", "place", "says"),
    [
        ("command", "comand", "2:21", "did you mean 'command'?"),
        (", verify: [v]", "", "2:11", "missing key 'verify'"),
        ("act: [a]", "act: [a, '{{to}}']", "2:11", "act: unknown {{to}}"),
        ("act: [a]", "act: [a], change: [c]", "2:40", "unknown key 'change'"),
        ("command, act: [a], verify: [v]", "http, url: 'http://x'", "2:11", "missing key 'act'"),
        (
            "command, act: [a], verify: [v]",
            "http, url: 'http://x', act: {path: '/{{secret}}'}, verify: {value: v}",
            "2:11",
            "act: unknown {{secret}}",
        ),
    ],
    ids=["kind", "verify", "placeholder", "key", "act", "secret"],
)
def test_what_is_wrong_is_pointed_at(tmp_path: Path, was: str, becomes: str, place: str, says: str):
    file = written(tmp_path, GOOD.replace(was, becomes))
    with pytest.raises(FileError) as told:
        load_target(file)
    assert f"gameday.yaml:{place}" in told.value.sentence
    assert says in told.value.sentence


def test_the_injector_knows_it_by_target_and_name(tmp_path: Path):
    components = Components([written(tmp_path, GOOD)])
    assert components.kept("shop/action/rotate").name == "action shop/rotate"
    with pytest.raises(PathGoneError, match="no action shop/rotten"):
        components.kept("shop/action/rotten")
    with pytest.raises(PathGoneError, match="no component shop/rotate"):
        components.kept("shop/rotate")
