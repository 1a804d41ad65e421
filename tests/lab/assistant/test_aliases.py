"""The alias table: conditional writes, replicas in turn, and what each defect does to a change."""

import pytest

from lab.assistant.aliases import AliasTable, ChangedMeanwhileError
from lab.assistant.settings import AliasSettings


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def table(clock: Clock | None = None, **settings: object) -> AliasTable:
    return AliasTable("heron-4", AliasSettings(**settings), clock or Clock())


def routed(aliases: AliasTable, requests: int = 4) -> list[str]:
    return [aliases.route().model for _ in range(requests)]


def test_a_change_is_in_force_at_every_replica_at_once() -> None:
    aliases = table()
    assert set(routed(aliases)) == {"heron-4"}
    written = aliases.write("heron-4-2026-08")
    assert written == aliases.entry
    assert (written.alias, written.version, written.etag) == ("answers", 2, '"2"')
    assert set(routed(aliases)) == {"heron-4-2026-08"}
    assert aliases.write("heron-4").version == 3
    assert set(routed(aliases)) == {"heron-4"}


@pytest.mark.parametrize("if_match", [None, "*", '"1"'])
def test_a_write_that_asks_for_what_is_there_is_carried_out(if_match: str | None) -> None:
    assert table().write("other", if_match).model == "other"


def test_a_write_that_asks_for_what_was_there_changes_nothing() -> None:
    aliases = table()
    aliases.write("somebody-elses", '"1"')
    with pytest.raises(ChangedMeanwhileError, match="answers is somebody-elses, version 2"):
        aliases.write("mine", '"1"')
    assert set(routed(aliases)) == {"somebody-elses"}


def test_a_change_that_is_ignored_is_told_as_if_it_were_not() -> None:
    aliases = table(ignores_changes=True)
    told = aliases.write("heron-4-2026-08")
    assert (told.model, told.version) == ("heron-4-2026-08", 2)
    assert aliases.entry.model == "heron-4"
    assert set(routed(aliases)) == {"heron-4"}


def test_a_replica_that_is_left_out_answers_every_second_request_as_before() -> None:
    aliases = table(replicas_left_out=1)
    aliases.write("heron-4-2026-08")
    assert aliases.entry.model == "heron-4-2026-08"
    assert sorted(routed(aliases)) == ["heron-4"] * 2 + ["heron-4-2026-08"] * 2


def test_a_cached_entry_is_used_up_to_the_end_of_its_time() -> None:
    clock = Clock()
    aliases = table(clock, cache_s=30.0)
    aliases.write("heron-4-2026-08")
    assert aliases.entry.model == "heron-4-2026-08"
    clock.now_s += 29.9
    assert set(routed(aliases)) == {"heron-4"}
    clock.now_s += 0.1
    assert set(routed(aliases)) == {"heron-4-2026-08"}


def test_when_a_cache_is_read_again_the_last_change_counts() -> None:
    clock = Clock()
    aliases = table(clock, cache_s=30.0)
    aliases.write("heron-4-2026-08")
    clock.now_s += 20.0
    aliases.write("heron-4-2026-09")
    clock.now_s += 10.0
    assert set(routed(aliases)) == {"heron-4-2026-09"}
